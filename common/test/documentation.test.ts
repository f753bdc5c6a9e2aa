import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createStaticDiscovery, type Service } from '../src/index.ts';
import { collectLog, createTokenIssuer, startRedis, waitFor } from '../src/testing/index.ts';

const PAGE = new URL('../../docs/services.md', import.meta.url);

test('the service in docs/services.md works as it stands there', async () => {
  const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(await readFile(PAGE, 'utf8')) ?? [];
  // Below this folder, where the package is found by its name.
  const folder = await mkdtemp(join(import.meta.dirname, '.documentation-'));
  await using redis = await startRedis();
  const issuer = createTokenIssuer();
  await issuer.listen();
  try {
    await writeFile(join(folder, 'service.ts'), code);
    const { polls }: { polls: Service } = await import(join(folder, 'service.ts'));
    const { app, stop } = await polls.build({
      env: { REDIS_URL: redis.url },
      discovery: createStaticDiscovery({ auth: issuer.instances }),
      logOutput: collectLog(),
    });
    await waitFor('it is ready', async () => (await app.inject('/healthz/ready')).statusCode === 200);
    const headers = { authorization: issuer.authorization('ada') };
    const asked = await app.inject({
      method: 'POST',
      url: '/api/polls',
      headers,
      payload: { question: 'Tea?' },
    });
    expect(asked.statusCode).toBe(201);
    const found = await app.inject({ url: String(asked.headers.location), headers });
    expect(found.json()).toEqual({ id: asked.json().id, question: 'Tea?' });
    const missing = await app.inject({ url: '/api/polls/none', headers });
    expect([missing.statusCode, missing.json().code]).toEqual([404, 'no-such-poll']);
    const strange = await app.inject({
      method: 'POST',
      url: '/api/polls',
      headers,
      payload: { question: '' },
    });
    expect([strange.statusCode, strange.json().code]).toEqual([422, 'invalid-request']);
    expect((await app.inject({ url: '/api/polls/none' })).statusCode).toBe(401);
    await stop();
  } finally {
    await issuer.close();
    await rm(folder, { recursive: true });
  }
});
