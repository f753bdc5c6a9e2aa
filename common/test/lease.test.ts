import { afterEach, expect, test } from 'vitest';
import { acquireLease, LeaseLost, type Redis, UnavailableError } from '../src/index.ts';
import { createLogger } from '../src/log.ts';
import { createRedis } from '../src/redis/redis.ts';
import { startRedis, type TestRedis, waitFor } from '../src/testing/index.ts';

const KEY = 'lease:demo';
const LONG_MS = 600_000;
const log = createLogger(
  { service: 'test', version: '', environment: '', cloud: '', allocation: undefined },
  'silent',
);

const connections: Redis[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.disconnect();
});

/** As an instance of a service is connected. */
async function connect(server: TestRedis): Promise<Redis> {
  const redis = createRedis({ address: { url: server.url }, password: undefined, clientName: 'test', log });
  connections.push(redis);
  await waitFor('connected', () => redis.ping());
  return redis;
}

async function acquire(redis: Redis, ttlMs = LONG_MS) {
  const lease = await acquireLease(redis, KEY, ttlMs);
  if (lease === null) throw new Error('another one holds the lease');
  return lease;
}

/** Until the lease has ended by itself; that is Redis's matter, whatever else the machine does. */
const ended = (redis: Redis) => waitFor('the lease has ended', async () => (await redis.exists(KEY)) === 0);

test('one at a time: the next one gets it when it is released', async () => {
  await using server = await startRedis();
  const [one, other] = [await connect(server), await connect(server)];
  const held = await acquire(one);
  expect(await acquireLease(other, KEY, LONG_MS)).toBeNull();
  expect(await acquireLease(one, KEY, LONG_MS)).toBeNull();
  await held.release();
  expect((await acquire(other)).token).toBeGreaterThan(held.token);
});

test('of a hundred who want it at the same moment one gets it', async () => {
  await using server = await startRedis();
  const instances = await Promise.all(Array.from({ length: 4 }, () => connect(server)));
  const attempts = instances.flatMap((redis) =>
    Array.from({ length: 25 }, () => acquireLease(redis, KEY, LONG_MS)),
  );
  expect((await Promise.all(attempts)).filter((lease) => lease !== null)).toHaveLength(1);
});

test('renewed it lasts; not renewed it ends, and is not taken back by who had it', async () => {
  await using server = await startRedis();
  const [one, other] = [await connect(server), await connect(server)];
  const first = await acquire(one, 50);
  await ended(other);
  expect(await first.renew()).toBe(false);
  const second = await acquire(other);
  expect(await second.renew()).toBe(true);
  expect(second.heldUntil).toBeGreaterThan(first.heldUntil);
  // It releases what is no longer its own.
  await first.release();
  expect(await acquireLease(one, KEY, LONG_MS)).toBeNull();
});

test('what is written under a lease that has ended is refused, whoever holds it now', async () => {
  await using server = await startRedis();
  const [one, other] = [await connect(server), await connect(server)];
  const write = "return redis.call('SET', KEYS[1], ARGV[1])";
  const first = await acquire(one, 50);
  await ended(other);
  await expect(first.write(write, ['value'], ['late'])).rejects.toBeInstanceOf(LeaseLost);
  const second = await acquire(other);
  await expect(first.write(write, ['value'], ['late'])).rejects.toBeInstanceOf(LeaseLost);
  expect(await second.write(write, ['value'], ['right'])).toBe('OK');
  expect(await one.get('value')).toBe('right');
  await expect(second.write("return redis.call('NOSUCH')", [])).rejects.toThrow('Unknown Redis command');
});

test('tokens grow over crashes of Redis, and a lease that is held outlives one', async () => {
  await using server = await startRedis();
  const redis = await connect(server);
  const tokens: number[] = [];
  for (let round = 0; round < 3; round++) {
    const lease = await acquire(redis);
    tokens.push(lease.token);
    await server.kill();
    await expect(lease.renew()).rejects.toBeInstanceOf(UnavailableError);
    await server.start();
    await waitFor('Redis is back', () => redis.ping());
    expect(await lease.renew()).toBe(true);
    await lease.release();
  }
  expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
});

test('tokens grow when Redis has lost everything, and when its clock went back', async () => {
  await using server = await startRedis();
  const redis = await connect(server);
  const first = await acquire(redis);
  await redis.flushall();
  const second = await acquire(redis);
  expect(second.token).toBeGreaterThan(first.token);
  await expect(first.write('return 1', [])).rejects.toBeInstanceOf(LeaseLost);
  await second.release();
  const ahead = second.token + 1e12;
  await redis.set(`${KEY}:token`, String(ahead));
  expect((await acquire(redis)).token).toBe(ahead + 1);
});
