import { execFileSync } from 'node:child_process';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync } from 'node:zlib';
import { program } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { edgeTemplateDigest } from '../../src/compile/edge/template.ts';
import { isWanted, parseVersion } from '../../src/local/toolchain/version.ts';
import { until } from '../support/until.ts';
import { type EdgeStack, startEdgeStack } from './edge-stack.ts';

/** Clients keep their connections while nginx is reloaded: at each route and each instance that comes or goes. */

const yaml = `
tandem: 1
edge: { limit: 100000/s per address }
defaults: { health: { interval: 1s }, update: { healthy: 1s, drain: 2s } }
services:
  echo: { directory: echo, routes: [/echo] }
`;

/** How long nginx keeps idle connections over a reload, see `keepalive_min_timeout` in nginx.sh. */
const keptMs = 3_000;

let stack: EdgeStack;

beforeAll(async () => {
  stack = await startEdgeStack(import.meta.dirname);
  await stack.deploy(yaml, ['edge', 'echo']);
  await until('the route is served', async () => (await fetch(`${stack.edge}/echo`)).ok);
}, 120_000);

afterAll(async () => stack.stop(), 60_000);

test('a request on a connection that was idle during a reload is answered', async ({ skip }) => {
  skip(!keepsConnections(), 'nginx before 1.27.4 cannot do it');
  const { edgeTemplate } = await stack.compiled(yaml);
  let counted = 0;
  for (let reload = 1; counted < 5 && reload <= 30; reload++) {
    const idleSince = performance.now();
    const clients = await Promise.all(Array.from({ length: 30 }, () => openConnection()));
    const digest = `reload${String(reload).padStart(10, '0')}`;
    await stack.publish(edgeTemplate.replaceAll(edgeTemplateDigest(edgeTemplate) ?? '', digest));
    const live = until('the reload is over', async () => (await stack.live()) === digest);
    // A request every few milliseconds: before, in the middle of, and after the reload.
    const during = clients.slice(0, 20).map(async (client, i) => {
      await sleep(i * 15);
      return client.ask();
    });
    await live;
    const after = clients.slice(20).map((client) => client.ask());
    const answers = await Promise.all([...during, ...after]);
    for (const client of clients) client.close();
    // On a machine this busy nginx had a right to close them.
    if (performance.now() - idleSince > keptMs) continue;
    counted += 1;
    expect(answers, `reload ${reload}`).toEqual(clients.map(() => 200));
  }
  expect(counted, 'reloads that were fast enough to tell').toBe(5);
}, 120_000);

test('the edge announces for how long it keeps an idle connection, and a client that obeys leaves before', async ({
  skip,
}) => {
  skip(!keepsConnections(), 'nginx before 1.27.4 keeps none');
  // Much longer than what is announced, shorter than nginx keeps connections where there is no reload.
  const agent = new Agent({ keepAlive: true, timeout: 60_000 });
  const { headers } = await read(`${stack.edge}/echo`, { agent });
  expect(headers['keep-alive']).toBe(`timeout=${keptMs / 1000}`);
  await until('the client left', () => Object.keys(agent.freeSockets).length === 0, { timeoutMs: 30_000 });
});

test('a large answer is sent compressed by brotli to who understands it', async ({ skip }) => {
  const isBuiltIn = nginxSays('-V').includes('brotli');
  skip(
    !isBuiltIn,
    'this nginx was built without brotli; whether the module of the distribution loads is its own affair',
  );
  const answer = await read(`${stack.edge}/echo?size=20000`, { headers: { 'accept-encoding': 'gzip, br' } });
  expect(answer.headers['content-encoding']).toBe('br');
  expect(answer.headers.vary).toMatch(/accept-encoding/i);
  const echoed: unknown = JSON.parse(brotliDecompressSync(answer.body).toString());
  expect(echoed).toMatchObject({ url: '/echo?size=20000' });
  expect(answer.body.length).toBeLessThan(10_000);
});

function keepsConnections(): boolean {
  const version = parseVersion(nginxSays('-v'));
  return version !== null && isWanted(version, { atLeast: '1.27.4' });
}

/** nginx says both its version and how it was built on standard error. */
function nginxSays(flag: '-v' | '-V'): string {
  return execFileSync('sh', ['-c', `"$0" ${flag} 2>&1`, program('nginx')], { encoding: 'utf8' });
}

/** A connection that has had an answer and is idle; what is asked on it is never sent again on another. */
async function openConnection(): Promise<{ ask(): Promise<number | string>; close(): void }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    read(`${stack.edge}/echo`, { agent }).then(
      ({ status }) => status,
      (error: unknown) => String(error),
    );
  expect(await ask()).toBe(200);
  const isOpen = () => Object.values(agent.freeSockets).flat().length === 1;
  expect(await until('the connection is idle', async () => isOpen())).toBe(true);
  return {
    ask: async () => (isOpen() ? ask() : 'the connection was closed while it was idle'),
    close: () => agent.destroy(),
  };
}

async function read(
  url: string,
  options: { agent?: Agent; headers?: Record<string, string> },
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, async (response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject);
    sent.end();
  });
}
