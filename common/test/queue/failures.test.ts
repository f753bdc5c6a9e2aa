import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineEvent, on, Rejected, Type } from '../../src/index.ts';
import {
  type RabbitmqHost,
  sharedRabbitmq,
  startRedis,
  type TestRedis,
  waitFor,
} from '../../src/testing/index.ts';
import { eventProperties, newQueue, startOutsider, startPlayer, thingMade } from './stage.ts';

let rabbitmq: RabbitmqHost;
let redis: TestRedis;

beforeAll(async () => {
  rabbitmq = await sharedRabbitmq();
  redis = await startRedis();
}, 150_000);

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rabbitmq[Symbol.asyncDispose]();
});

const thing = (id: string) => JSON.stringify({ id, size: 1 });

/** A player whose handler does what the test says, one who sends to its queue, and what it has handled. */
async function startCase(
  handle: (id: string, attempt: number, signal: AbortSignal) => unknown,
  options: { retriesMs?: number[]; timeoutMs?: number; prefetch?: number; events?: string[] } = {},
) {
  const queue = newQueue();
  const handled: string[] = [];
  const { retriesMs = [], timeoutMs, prefetch = 10, events = ['thing.made'] } = options;
  const outsider = await startOutsider(rabbitmq.url);
  const player = await startPlayer({
    url: rabbitmq.url,
    redis,
    env: { SERVICE_VERSION: '1.2.3' },
    queues: [{ queue, events, retriesMs, prefetch }],
    consumes: () => [
      on(
        thingMade,
        async ({ data, attempt, signal }) => {
          await handle(data.id, attempt, signal);
          handled.push(data.id);
        },
        timeoutMs === undefined ? {} : { timeoutMs },
      ),
    ],
  });
  return {
    queue,
    dead: `${queue}.dead`,
    handled,
    outsider,
    player,
    nextDead: () => waitFor('a dead letter', () => outsider.take(`${queue}.dead`)),
    async [Symbol.asyncDispose]() {
      await player[Symbol.asyncDispose]();
      await outsider[Symbol.asyncDispose]();
    },
  };
}

test('a handler that fails is tried again after each wait, and then the message is a dead letter with the reason', async () => {
  const attempts: number[] = [];
  await using stage = await startCase(
    (_id, attempt) => {
      attempts.push(attempt);
      throw new Error('the disk is full');
    },
    { retriesMs: [50, 120] },
  );
  const properties = eventProperties('thing.made', 1, { 'x-request-id': 'request-7' });
  stage.outsider.send(stage.queue, thing('a'), properties);
  const { content, properties: found } = await stage.nextDead();
  expect(attempts).toEqual([1, 2, 3]);
  expect(content.toString()).toBe(thing('a'));
  expect(found).toMatchObject({
    messageId: properties.messageId,
    type: 'thing.made',
    appId: 'outsider',
    headers: {
      'x-event-version': 1,
      'x-request-id': 'request-7',
      'x-attempt': 3,
      'x-error-code': 'handler-failed',
      'x-error': 'Error: the disk is full',
      'x-queue': stage.queue,
      'x-service': 'player',
      'x-service-version': '1.2.3',
    },
  });
  const { 'x-first-failed-at': first, 'x-failed-at': last } = found.headers ?? {};
  expect(Date.parse(String(last)) - Date.parse(String(first))).toBeGreaterThanOrEqual(170);
  const lines = stage.player.log.lines.filter(({ messageId }) => messageId === properties.messageId);
  expect(lines.map(({ level, attempt, requestId }) => [level, attempt, requestId])).toEqual([
    ['warn', 1, 'request-7'],
    ['warn', 2, 'request-7'],
    ['error', 3, 'request-7'],
  ]);
  expect(await stage.player.metric('events_handled_total', 'outcome="retried"')).toBe(2);
  expect(await stage.player.metric('events_handled_total', 'outcome="dead"')).toBe(1);
});

test('one that succeeds at the second attempt is done', async () => {
  await using stage = await startCase(
    (_id, attempt) => {
      if (attempt === 1) throw new Error('not yet');
    },
    { retriesMs: [20] },
  );
  stage.outsider.send(stage.queue, thing('a'), eventProperties('thing.made'));
  await waitFor('handled', () => stage.handled.length === 1);
  await waitFor('acknowledged', async () => (await stage.outsider.depth(stage.queue)) === 0);
  expect(await stage.outsider.depth(stage.dead)).toBe(0);
});

test('what is thrown need not be an error', async () => {
  const thrown: Record<string, unknown> = {
    text: 'no',
    nothing: undefined,
    number: 7,
    object: { why: 'because' },
    cycle: Object.assign([], { toJSON: () => Object.assign(Object.create(null), { self: 1n }) }),
  };
  await using stage = await startCase((id) => {
    throw thrown[id];
  });
  for (const id of Object.keys(thrown))
    stage.outsider.send(stage.queue, thing(id), eventProperties('thing.made'));
  const reasons = new Set<unknown>();
  for (const _ of Object.keys(thrown)) reasons.add((await stage.nextDead()).properties.headers?.['x-error']);
  expect(reasons).toEqual(
    new Set([
      'not an error was thrown: "no"',
      'not an error was thrown: undefined',
      'not an error was thrown: 7',
      'not an error was thrown: {"why":"because"}',
      'not an error was thrown: object',
    ]),
  );
});

test('a handler can say that another attempt would not help', async () => {
  await using stage = await startCase(
    () => {
      throw new Rejected('no-such-room', 'the room was deleted');
    },
    { retriesMs: [50, 50] },
  );
  stage.outsider.send(stage.queue, thing('a'), eventProperties('thing.made'));
  expect((await stage.nextDead()).properties.headers).toMatchObject({
    'x-error-code': 'no-such-room',
    'x-error': 'Rejected: the room was deleted',
    'x-attempt': 1,
  });
});

test('a handler that hangs is given up, does not hold others up, and may reject later without harm', async () => {
  const late = Promise.withResolvers<void>();
  const aborted: unknown[] = [];
  await using stage = await startCase(
    async (id, _attempt, signal) => {
      if (id !== 'hangs') return;
      signal.addEventListener('abort', () => aborted.push(signal.reason));
      await late.promise;
    },
    { timeoutMs: 150, prefetch: 2 },
  );
  stage.outsider.send(stage.queue, thing('hangs'), eventProperties('thing.made'));
  stage.outsider.send(stage.queue, thing('b'), eventProperties('thing.made'));
  await waitFor('the other one is handled', () => stage.handled.includes('b'));
  expect((await stage.nextDead()).properties.headers).toMatchObject({
    'x-error-code': 'handler-timeout',
    'x-error': 'HandlerTimeout: the handler took longer than 150 ms',
  });
  expect(String(aborted[0])).toContain('the handler took longer');
  late.reject(new Error('after all'));
  stage.outsider.send(stage.queue, thing('c'), eventProperties('thing.made'));
  await waitFor('it goes on', () => stage.handled.includes('c'));
});

test('a handler whose time is up changes nothing any more', async () => {
  const queue = newQueue();
  const refused = Promise.withResolvers<unknown>();
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.made'] }],
    consumes: () => [
      on(
        thingMade,
        async ({ change, signal }) => {
          while (!signal.aborted) await sleep(10);
          await change({ commands: [['SET', 'too-late', '1']] }).catch(refused.resolve);
        },
        { timeoutMs: 100 },
      ),
    ],
  });
  outsider.send(queue, thing('a'), eventProperties('thing.made'));
  expect(await refused.promise).toMatchObject({ name: 'HandlerTimeout' });
  await waitFor('a dead letter', () => outsider.take(`${queue}.dead`));
  expect(await player.context.redis.exists('too-late')).toBe(0);
});

const wrong: [
  what: string,
  content: string | Buffer,
  type: string,
  version: number,
  code: string,
  reason: string,
][] = [
  ['no JSON', 'hello', 'thing.made', 1, 'not-json', 'The body is not valid JSON'],
  ['nothing', '', 'thing.made', 1, 'not-json', 'The body is not valid JSON'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'thing.made', 1, 'not-json', 'it is not UTF-8'],
  [
    'another schema',
    '{"id":1,"size":-1}',
    'thing.made',
    1,
    'invalid-data',
    '/id must be string; /size must be >= 0',
  ],
  ['no object', '[]', 'thing.made', 1, 'invalid-data', '/ must be object'],
  [
    '__proto__',
    '{"id":"a","size":1,"__proto__":{"admin":true}}',
    'thing.made',
    1,
    'not-json',
    '/__proto__ is not accepted',
  ],
  [
    'constructor.prototype',
    '{"id":"a","size":1,"constructor":{"prototype":{"admin":true}}}',
    'thing.made',
    1,
    'not-json',
    'is not accepted as a key',
  ],
  ['a key twice', '{"id":"a","size":1,"id":"b"}', 'thing.made', 1, 'not-json', '/id is there twice'],
  ['too deep', `${'['.repeat(200)}${']'.repeat(200)}`, 'thing.made', 1, 'not-json', 'nested more than'],
  [
    'an unknown version',
    thing('a'),
    'thing.made',
    2,
    'unknown-version',
    'version 2 of thing.made; handled here: 1',
  ],
  ['no type', thing('a'), '', 1, 'not-an-event', 'it lacks a message id, a type'],
  ['a version that is no number', thing('a'), 'thing.made', 1.5, 'not-an-event', 'x-event-version'],
  ['more than 4 MiB', `"${'x'.repeat(4 * 1024 * 1024)}"`, 'thing.made', 1, 'too-large', '4194306 bytes'],
];

test('a message that is no event goes to the dead letters with the reason, and the queue goes on', async () => {
  await using stage = await startCase(() => {}, { retriesMs: [60_000] });
  for (const [, content, type, version] of wrong) {
    stage.outsider.send(stage.queue, content, eventProperties(type, version));
  }
  stage.outsider.send(stage.queue, thing('good'), eventProperties('thing.made'));
  await waitFor('the good one is handled', () => stage.handled.includes('good'));
  await waitFor(
    'all dead letters',
    async () => (await stage.outsider.depth(stage.dead)) === wrong.length,
    20_000,
  );
  const found: { content: string; code: unknown; reason: string }[] = [];
  for (const _ of wrong) {
    const { content, properties } = await stage.nextDead();
    const { 'x-error-code': code, 'x-error': reason } = properties.headers ?? {};
    found.push({ content: content.toString(), code, reason: String(reason) });
  }
  for (const [what, content, , version, code, reason] of wrong) {
    const text = content.toString();
    const one = found.find(
      (each) => each.content === text && each.code === code && each.reason.includes(reason),
    );
    expect(one, `${what} (version ${version})`).toBeDefined();
  }
  expect(Reflect.get({}, 'admin')).toBeUndefined();
});

test('messages without an id, with foreign headers or none at all do not stop anything', async () => {
  await using stage = await startCase(() => {});
  stage.outsider.send(stage.queue, thing('a'), { type: 'thing.made' });
  stage.outsider.send(stage.queue, thing('a'), {});
  stage.outsider.send(stage.queue, thing('a'), { ...eventProperties('thing.made'), messageId: '../../etc' });
  const odd = {
    'x-attempt': -1,
    'x-request-id': { a: 1 },
    traceparent: 7,
    'x-first-failed-at': 'x'.repeat(10_000),
  };
  stage.outsider.send(stage.queue, thing('odd'), eventProperties('thing.made', 1, odd));
  await waitFor('handled', () => stage.handled.includes('odd'));
  await waitFor('three dead letters', async () => (await stage.outsider.depth(stage.dead)) === 3);
});

test('an event that only a pattern brings, and nobody handles, is passed over', async () => {
  await using stage = await startCase(() => {}, { events: ['thing.*'] });
  stage.outsider.send(stage.queue, thing('a'), eventProperties('thing.painted'));
  stage.outsider.send(stage.queue, thing('b'), eventProperties('thing.made'));
  await waitFor('handled', () => stage.handled.includes('b'));
  await waitFor(
    'passed over',
    async () => (await stage.player.metric('events_handled_total', 'ignored')) === 1,
  );
  expect(await stage.outsider.depth(stage.dead)).toBe(0);
});

test('a megabyte arrives as it was', async () => {
  const pageWritten = defineEvent({
    name: 'page.written',
    version: 1,
    schema: Type.Object({ text: Type.String() }),
  });
  const received: string[] = [];
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    publishes: [pageWritten],
    queues: [{ queue: newQueue(), events: ['page.written'] }],
    consumes: () => [on(pageWritten, ({ data }) => void received.push(data.text))],
  });
  const text = 'ä'.repeat(512 * 1024);
  for (let page = 0; page < 20; page++) await player.context.change({ publish: [pageWritten({ text })] });
  await waitFor('received', () => received.length === 20, 20_000);
  expect(new Set(received)).toEqual(new Set([text]));
});
