import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventsNotAccepted } from '../../src/http/problems.ts';
import { createLogger } from '../../src/log.ts';
import { type ChangeOfMessage, createChange } from '../../src/queue/change.ts';
import { connectBroker } from '../../src/queue/connection.ts';
import { ASIDE, OUTBOX, RELAY_LEASE } from '../../src/queue/keys.ts';
import { createPublisher } from '../../src/queue/publisher.ts';
import { EVENTS_EXCHANGE } from '../../src/queue/queues.ts';
import { startRelay } from '../../src/queue/relay.ts';
import { createRedis, type Redis } from '../../src/redis/redis.ts';
import {
  collectLog,
  declareQueues,
  type LogLines,
  type RabbitmqHost,
  sharedRabbitmq,
  startRedis,
  type TestRedis,
  waitFor,
} from '../../src/testing/index.ts';
import { newQueue, type Outsider, startOutsider, thingMade, thingMoved } from './stage.ts';

let rabbitmq: RabbitmqHost;

beforeAll(async () => {
  rabbitmq = await sharedRabbitmq();
}, 150_000);

afterAll(() => rabbitmq[Symbol.asyncDispose]());

interface Instance {
  redis: Redis;
  log: LogLines;
  unroutable: string[];
  /** As kill -9 would: it lets go of nothing. */
  die(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One instance's relay, with short times. */
async function startInstance(server: TestRedis, url = rabbitmq.url): Promise<Instance> {
  const output = collectLog();
  const identity = {
    service: 'test',
    version: '1',
    environment: 'test',
    cloud: 'local',
    allocation: undefined,
  };
  const log = createLogger(identity, 'info', output);
  const connect = () =>
    createRedis({ address: { url: server.url }, password: undefined, clientName: 'test', log });
  const redis = connect();
  const waiting = connect();
  await waitFor('connected', () => redis.ping());
  const broker = connectBroker({ address: { url }, user: 'guest', password: undefined, name: 'test', log });
  const publisher = createPublisher(broker, EVENTS_EXCHANGE);
  const unroutable: string[] = [];
  const stop = startRelay({
    redis,
    waiting,
    publisher,
    exchange: EVENTS_EXCHANGE,
    metrics: {
      published: () => {},
      unroutable: (event) => unroutable.push(event),
      waited: () => {},
      handled: () => {},
    },
    log,
    leaseMs: 600,
    asideEveryMs: 200,
  });
  return {
    redis,
    log: output,
    unroutable,
    die() {
      redis.disconnect();
      waiting.disconnect();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      redis.disconnect();
      waiting.disconnect();
      await publisher.close();
      await broker.close();
    },
  };
}

function changeOn(redis: Redis, limit?: number): (id: string) => Promise<unknown> {
  const change: ChangeOfMessage = createChange(redis, 'test', [thingMade, thingMoved], limit);
  return (id) => change({ commands: [['SADD', 'things', id]], publish: [thingMade({ id, size: 1 })] }, null);
}

async function takeIds(outsider: Outsider, queue: string): Promise<string[]> {
  const ids: string[] = [];
  for (let message = await outsider.take(queue); message !== null; message = await outsider.take(queue)) {
    ids.push(JSON.parse(message.content.toString()).id);
  }
  return ids;
}

test('a full outbox refuses the whole step with 503, and takes more when there is room', async () => {
  await using server = await startRedis();
  const redis = createRedis({
    address: { url: server.url },
    password: undefined,
    clientName: 'test',
    log: createLogger(
      { service: 'test', version: '1', environment: 'test', cloud: 'local', allocation: undefined },
      'silent',
    ),
  });
  await waitFor('connected', () => redis.ping());
  const make = changeOn(redis, 3);
  for (const id of ['a', 'b', 'c']) await make(id);
  await expect(make('d')).rejects.toThrow(expect.objectContaining({ type: eventsNotAccepted }));
  expect(await redis.smembers('things')).toHaveLength(3);
  const [first] = await redis.xrange(OUTBOX, '-', '+');
  await redis.xdel(OUTBOX, first?.[0] ?? '');
  await make('d');
  expect(await redis.sismember('things', 'd')).toBe(1);
  redis.disconnect();
});

test('an event that nobody consumes is set aside, and delivered once somebody does', async () => {
  await using server = await startRedis();
  await using host = await sharedRabbitmq();
  await using outsider = await startOutsider(host.url);
  await declareQueues(host.url, []);
  await using instance = await startInstance(server, host.url);
  await changeOn(instance.redis)('unheard');
  await waitFor('set aside', async () => (await instance.redis.xlen(ASIDE)) === 1);
  expect(await instance.redis.xlen(OUTBOX)).toBe(0);
  expect(instance.unroutable).toEqual(['thing.made']);
  expect(instance.log.text).toContain('no queue receives this event');
  const queue = newQueue();
  await declareQueues(host.url, [{ queue, events: ['thing.made'] }]);
  const message = await waitFor('delivered', () => outsider.take(queue));
  expect(JSON.parse(message.content.toString())).toEqual({ id: 'unheard', size: 1 });
  await waitFor('no longer aside', async () => (await instance.redis.xlen(ASIDE)) === 0);
});

test('an instance that dies is succeeded by another one', async () => {
  await using server = await startRedis();
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await declareQueues(rabbitmq.url, [{ queue, events: ['thing.made'] }]);
  await using first = await startInstance(server);
  await waitFor('the first one publishes', () =>
    first.redis.exists(RELAY_LEASE).then((found) => found === 1),
  );
  const lease = await first.redis.get(RELAY_LEASE);
  await using second = await startInstance(server);
  const make = changeOn(second.redis);
  await make('a');
  await waitFor('published', async () => (await outsider.depth(queue)) === 1);
  expect(await second.redis.get(RELAY_LEASE)).toBe(lease);
  first.die();
  await make('b');
  await waitFor('published by the second', async () => (await outsider.depth(queue)) === 2);
  expect(await second.redis.get(RELAY_LEASE)).not.toBe(lease);
  expect(await takeIds(outsider, queue)).toEqual(['a', 'b']);
});

test('one that stops lets go at once', async () => {
  await using server = await startRedis();
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await declareQueues(rabbitmq.url, [{ queue, events: ['thing.made'] }]);
  const instance = await startInstance(server);
  await changeOn(instance.redis)('a');
  await waitFor('published', async () => (await outsider.depth(queue)) === 1);
  await instance[Symbol.asyncDispose]();
  await using other = await startInstance(server);
  await waitFor('taken over', () => other.redis.exists(RELAY_LEASE).then((found) => found === 1));
});

test('whoever lost the lease without noticing removes nothing that the next one works on', async () => {
  await using server = await startRedis();
  await using outsider = await startOutsider(rabbitmq.url);
  const queue = newQueue();
  await declareQueues(rabbitmq.url, [{ queue, events: ['thing.made'] }]);
  await using instance = await startInstance(server);
  await waitFor('it publishes', () => instance.redis.exists(RELAY_LEASE).then((found) => found === 1));
  await instance.redis.set(RELAY_LEASE, 'somebody else');
  await changeOn(instance.redis)('a');
  // It may still publish once, which the next one repeats with the same id.
  await waitFor('it has noticed', async () => {
    await changeOn(instance.redis)('b');
    return (await instance.redis.xlen(OUTBOX)) >= 3;
  });
  expect((await instance.redis.xlen(OUTBOX)) >= 2).toBe(true);
  await instance.redis.del(RELAY_LEASE);
  await waitFor('it goes on', async () => (await instance.redis.xlen(OUTBOX)) === 0);
  expect(new Set(await takeIds(outsider, queue))).toEqual(new Set(['a', 'b']));
});
