import { constantOf } from '@tandem/common/contract';
import type { NewService, ServiceFiles } from './new-service.ts';

/** test/ of a new service; the formatter has still to wrap long lines. */
export function testFiles(service: NewService): ServiceFiles {
  const { name, redis, publishes, consumes } = service;
  return new Map([
    ['test/support.ts', support(service)],
    ['test/routes.test.ts', redis ? itemTests(name, publishes) : greetingTests(name)],
    ['test/fuzz.test.ts', fuzzTest(name, redis)],
    ['test/contracts.test.ts', contractsTest],
    ...(consumes === null
      ? []
      : [
          [
            'test/events.test.ts',
            eventsTest(name, consumes.name, constantOf(consumes.name, consumes.version), consumes.owner),
          ] as const,
        ]),
  ]);
}

function support({ name, redis, publishes, consumes }: NewService): string {
  const events = publishes !== null || consumes !== null;
  const imports = [
    'type Answer',
    'collectLog',
    'createTokenIssuer',
    'type LogLines',
    'type Method',
    'send',
    ...(redis ? ['startRedis', 'type TestRedis'] : []),
    'type TokenIssuer',
    'untilReady',
  ];
  return `import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import { ${imports.join(', ')} } from '@tandem/common/testing';
import { service } from '../src/service.ts';

export interface Running {
  service: BuiltService;
${redis ? '  redis: TestRedis;\n' : ''}\
  issuer: TokenIssuer;
  log: LogLines;
  /** As the user \`as\`, or as nobody. */
  send(method: Method, path: string, options?: { as?: string; body?: object }): Promise<Answer>;
  [Symbol.asyncDispose](): Promise<void>;
}
${
  consumes === null
    ? ''
    : `
/** As a deploy declares it. */
const QUEUES = JSON.stringify([
  { queue: '${name}.events', events: ['${consumes.name}'], prefetch: 10, retries: [], dead: '${name}.events.dead' },
]);
`
}
/** The service${redis ? ' beside a real Redis, and' : ' with'} an issuer of tokens that it believes. */
export async function startService(env: Record<string, string> = {}): Promise<Running> {
${redis ? '  const redis = await startRedis();\n' : ''}\
  const [issuer, log] = [createTokenIssuer(), collectLog()];
  await issuer.listen();
  const built = await service.build({
    env: { ${redis ? 'REDIS_URL: redis.url, ' : ''}${events ? "RABBITMQ_URL: 'amqp://127.0.0.1:1', " : ''}${consumes === null ? '' : 'QUEUES, '}...env },
    logOutput: log,
    discovery: createStaticDiscovery({ auth: issuer.instances }),
  });
  await untilReady(built);
  return {
    service: built,
${redis ? '    redis,\n' : ''}\
    issuer,
    log,
    send: (method, path, { as, body } = {}) =>
      send(built, method, path, {
        body,
        authorization: as === undefined ? undefined : issuer.authorization(as),
      }),
    async [Symbol.asyncDispose]() {
      await built.stop();
      await issuer.close();
${redis ? '      await redis[Symbol.asyncDispose]();\n' : ''}\
    },
  };
}
`;
}

const running = `let running: Running;
beforeAll(async () => {
  running = await startService();
});
afterAll(() => running[Symbol.asyncDispose]());
`;

const greetingTests = (name: string) => `import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, startService } from './support.ts';

${running}
test('whoever is signed in is greeted', async () => {
  const answer = await running.send('GET', '/api/${name}/greeting?word=Ahoy', { as: 'ada' });
  expect(answer).toMatchObject({ status: 200, body: { text: 'Ahoy!', userId: 'ada' } });
});

test('nobody else is', async () => {
  const { status, body } = await running.send('GET', '/api/${name}/greeting');
  expect([status, body.code]).toEqual([401, 'unauthenticated']);
});

test('an input that does not fit is refused with the reason', async () => {
  const { status, body } = await running.send('GET', '/api/${name}/greeting?word=', { as: 'ada' });
  expect([status, body.errors[0].pointer]).toEqual([422, '/word']);
});
`;

const itemTests = (name: string, publishes: string | null) => `\
import { ${publishes === null ? '' : 'outboxOf, '}waitFor } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, startService } from './support.ts';

${running}
const add = (as: string, text: string) => running.send('POST', '/api/${name}', { as, body: { text } });

test('what somebody adds is theirs, and nobody else sees it', async () => {
  const added = await add('ada', 'Notes on the engine');
  expect(added).toMatchObject({ status: 201, body: { text: 'Notes on the engine' } });
  const path = \`/api/${name}/\${added.body.id}\`;
  expect((await running.send('GET', path, { as: 'ada' })).body).toEqual(added.body);
  expect((await running.send('GET', path, { as: 'grace' })).body.code).toBe('item-not-found');
  expect((await running.send('GET', path)).body.code).toBe('unauthenticated');
});

test.each([{}, { text: '' }, { text: 'x'.repeat(201) }, { text: 7 }, { text: 'x', ownerId: 'grace' }])(
  'an input that does not fit is refused: %j',
  async (body) => {
    expect((await running.send('POST', '/api/${name}', { as: 'ada', body })).status).toBe(422);
  },
);

test('it outlives a crash of its Redis', async () => {
  const { body } = await add('ada', 'To be kept');
  await running.redis.kill();
  await running.redis.start();
  await waitFor('it is read again', async () => {
    const answer = await running.send('GET', \`/api/${name}/\${body.id}\`, { as: 'ada' });
    return answer.status === 200;
  });
});
${
  publishes === null
    ? ''
    : `
test('others are told', async () => {
  const redis = running.redis.connect();
  const { body } = await add('grace', 'A compiler');
  expect(await outboxOf(redis)).toContainEqual({
    name: '${publishes}',
    version: 1,
    data: { id: body.id, ownerId: 'grace' },
  });
  await redis.quit();
});
`
}`;

const fuzzTest = (name: string, redis: boolean) => `import { fuzz } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { startService } from './support.ts';

test('no generated request makes a route fail or answer what its OpenAPI does not say', async () => {
  await using running = await startService({ LOG_LEVEL: 'error' });
  const routes = await fuzz(running.service.app, {
    authorization: running.issuer.authorization('ada'),
    runs: 50,
  });
  const reached = new Map(routes.map(({ method, path, statuses }) => [\`\${method} \${path}\`, statuses]));
  expect(reached.get('${redis ? `POST /api/${name}` : `GET /api/${name}/greeting`}')).toContain(${redis ? 201 : 200});
  expect(running.log.text).toBe('');
});
`;

const contractsTest = `import { contractFaults } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { service } from '../src/service.ts';

test('the contracts are those of the source', async () => {
  expect(await contractFaults(\`\${import.meta.dirname}/..\`, service)).toEqual([]);
});
`;

const eventsTest = (
  name: string,
  event: string,
  constant: string,
  owner: string,
) => `import { declareQueues, exampleOf, sharedRabbitmq, startProducer, waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { ${constant} } from '../src/contracts/${owner}.ts';
import { startService } from './support.ts';

test('${event} is handled, each one once', async () => {
  await using rabbitmq = await sharedRabbitmq();
  const QUEUES = await declareQueues(rabbitmq.url, [{ queue: '${name}.events', events: ['${event}'] }]);
  await using producer = await startProducer(rabbitmq.url, [${constant}]);
  await using running = await startService({ RABBITMQ_URL: rabbitmq.url, QUEUES });
  const redis = running.redis.connect();
  await producer.publish(exampleOf(${constant}), exampleOf(${constant}));
  await waitFor('both are handled', async () => (await redis.hget('handled', '${event}')) === '2');
  expect(running.log.text).not.toContain('dead letters');
  await redis.quit();
});
`;
