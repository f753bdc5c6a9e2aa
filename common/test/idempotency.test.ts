import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Type } from '../src/index.ts';
import { startRedis, type TestRedis, waitFor } from '../src/testing/index.ts';
import { type Demo, startDemo } from './support/demo.ts';

let redis: TestRedis;
let demo: Demo;
let admin: Redis;
let done = 0;
let slow: Promise<void> | null = null;
let failing = false;

beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
  demo = await startDemo({
    env: { REDIS_URL: redis.url },
    redis: true,
    routes: (app) =>
      app.post(
        '/api/demo/pay',
        { config: { idempotent: true }, schema: { body: Type.Object({ amount: Type.Integer() }) } },
        async ({ body }, reply) => {
          await slow;
          if (failing) throw new Error('not now');
          done += 1;
          return reply.code(201).send({ amount: body.amount, number: done });
        },
      ),
  });
  await waitFor('ready', async () => (await demo.app.inject('/healthz/ready')).statusCode === 200);
});
afterAll(async () => {
  admin.disconnect();
  await demo[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

/** The keys of requests that run now. */
const keys = async () => {
  const all = await admin.keys('idempotency:*');
  const texts = await Promise.all(all.map(async (key) => [key, await admin.get(key)] as const));
  return texts.filter(([, text]) => text?.includes('"answer":null')).map(([key]) => key);
};

const pay = async (key: string | undefined, amount = 1, user = 'ada') =>
  demo.app.inject({
    method: 'POST',
    url: '/api/demo/pay',
    headers: {
      authorization: demo.issuer.authorization(user),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    payload: { amount },
  });

test('the same key gets the first answer again, and nothing is done twice', async () => {
  const first = await pay('key-1');
  const again = await pay('key-1');
  expect(again.json()).toEqual(first.json());
  expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
});

test('another key, another user or no key is another request', async () => {
  const before = done;
  await Promise.all([pay('key-2'), pay('key-3'), pay('key-2', 1, 'grace'), pay(undefined), pay(undefined)]);
  expect(done - before).toBe(5);
});

test('the same key for something else is refused', async () => {
  await pay('key-4', 1);
  const other = await pay('key-4', 2);
  expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency-key-reused']);
});

test('while the first request runs, the second waits and gets its answer; once is what happens', async () => {
  const before = done;
  const gate = Promise.withResolvers<void>();
  slow = gate.promise;
  const first = pay('key-5');
  await waitFor('the first one runs', async () => (await keys()).length > 0);
  const second = pay('key-5');
  const other = await pay('key-5', 2);
  expect(other.json().code).toBe('idempotency-key-reused');
  gate.resolve();
  slow = null;
  expect((await first).statusCode).toBe(201);
  expect((await second).json()).toEqual((await first).json());
  expect((await second).headers['idempotency-replayed']).toBe('true');
  expect(done - before).toBe(1);
});

test('a first request that never ends is waited for, and then told of', async () => {
  const gate = Promise.withResolvers<void>();
  slow = gate.promise;
  const first = pay('key-7');
  await waitFor('the first one runs', async () => (await keys()).length > 0);
  expect((await pay('key-7')).json().code).toBe('request-in-progress');
  gate.resolve();
  slow = null;
  expect((await first).statusCode).toBe(201);
});

test('the key of a process that died is free again soon, and the repetition does the work', async () => {
  const before = done;
  const gate = Promise.withResolvers<void>();
  slow = gate.promise;
  const dead = pay('key-8');
  const [running = ''] = await waitFor('it runs', async () => {
    const found = await keys();
    return found.length > 0 && found;
  });
  // What a process leaves behind that was killed: its mark, which nobody renews any more.
  const mark = await admin.get(running);
  gate.resolve();
  slow = null;
  await dead;
  await admin.set(running, mark ?? '', 'PX', 3_000);
  const repeated = await pay('key-8');
  expect(repeated.statusCode).toBe(201);
  expect(repeated.headers['idempotency-replayed']).toBeUndefined();
  expect(done - before).toBe(2);
});

test('a failure of ours is not kept: the next attempt may succeed', async () => {
  failing = true;
  expect((await pay('key-6')).statusCode).toBe(500);
  failing = false;
  expect((await pay('key-6')).statusCode).toBe(201);
});

test('a key that is no key is refused', async () => {
  expect((await pay('x'.repeat(129))).json().code).toBe('malformed-request');
});
