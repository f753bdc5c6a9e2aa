import { afterAll, beforeAll, expect, test } from 'vitest';
import { on } from '../../src/index.ts';
import {
  declareQueues,
  startRabbitmq,
  startRedis,
  type TestRabbitmq,
  waitFor,
} from '../../src/testing/index.ts';
import { eventProperties, newQueue, startOutsider, startPlayer, thingMade, thingMoved } from './stage.ts';

let rabbitmq: TestRabbitmq;

const lasting = { queue: 'player.lasting', events: ['thing.made'], prefetch: 20, retriesMs: [100] };

beforeAll(async () => {
  rabbitmq = await startRabbitmq();
  await declareQueues(rabbitmq.url, [lasting]);
  await rabbitmq.restart();
}, 240_000);

afterAll(() => rabbitmq[Symbol.asyncDispose]());

test('RabbitMQ killed while events are published and handled: none is lost, none has an effect twice', async () => {
  await using redis = await startRedis();
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [lasting],
    consumes: () => [
      on(thingMade, async ({ data, attempt, change }) => {
        if (data.size % 7 === 0 && attempt === 1) throw new Error('once');
        await change({ commands: [['HINCRBY', 'effects', data.id, 1]] });
      }),
    ],
  });
  const { redis: store } = player.context;
  let written = 0;
  const write = async (events: number) => {
    for (const until = written + events; written < until; written++) {
      await player.context.change({ publish: [thingMade({ id: String(written), size: written })] });
    }
  };
  for (let kill = 0; kill < 2; kill++) {
    const writing = write(100);
    await waitFor('some are handled', async () => (await store.hlen('effects')) > written - 80, 30_000);
    await rabbitmq.kill();
    await writing;
    await write(50);
    expect((await player.ready()).status).toBe(200);
    await rabbitmq.start();
  }
  await waitFor('all are handled', async () => (await store.hlen('effects')) === written, 60_000);
  expect(new Set(await player.context.redis.hvals('effects'))).toEqual(new Set(['1']));
  expect(player.log.text).toContain('RabbitMQ is away');
  expect(player.log.text).toContain('RabbitMQ is back');
}, 240_000);

test('a service that starts while RabbitMQ is away is ready, and begins to work when it is back', async () => {
  await using redis = await startRedis();
  const handled: string[] = [];
  const declared = await declareQueues(rabbitmq.url, [lasting]);
  await rabbitmq.kill();
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    env: { QUEUES: declared },
    consumes: () => [on(thingMade, ({ data }) => void handled.push(data.id))],
    declare: false,
  });
  await player.context.change({ publish: [thingMade({ id: 'early', size: 1 })] });
  await waitFor('it says so', () => player.log.text.includes('RabbitMQ cannot be reached'));
  expect(await player.ready()).toMatchObject({ status: 200, checks: { queues: 'ok' } });
  expect(await player.metric('events_outbox_depth')).toBe(1);
  await waitFor(
    'it grows older',
    async () => ((await player.metric('events_outbox_oldest_seconds')) ?? 0) > 0,
  );
  await rabbitmq.start();
  await waitFor('handled', () => handled.includes('early'), 20_000);
}, 120_000);

test('the consumer loses its Redis: it waits with what it has, uses up no attempt, and goes on', async () => {
  await using redis = await startRedis();
  const queue = newQueue();
  const attempts: number[] = [];
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.made'], prefetch: 5 }],
    consumes: () => [
      on(thingMade, async ({ attempt, change }) => {
        attempts.push(attempt);
        await change({ commands: [['INCR', 'effects']] });
      }),
    ],
  });
  await redis.kill();
  for (let sent = 0; sent < 20; sent++)
    outsider.send(queue, '{"id":"a","size":1}', eventProperties('thing.made'));
  await waitFor('it has taken as many as it may', async () => (await outsider.depth(queue)) === 15);
  expect((await player.ready()).status).toBe(503);
  await redis.start();
  await waitFor('all are handled', () => attempts.length === 20);
  await waitFor('all are acknowledged', async () => (await outsider.depth(queue)) === 0);
  expect(new Set(attempts)).toEqual(new Set([1]));
  expect(await player.context.redis.get('effects')).toBe('20');
  expect(await outsider.depth(`${queue}.dead`)).toBe(0);
}, 60_000);

test('a missing queue makes the service unready and is named; it begins when the queue is there', async () => {
  await using redis = await startRedis();
  const queue = newQueue();
  const queues = [{ queue, events: ['thing.made'] }];
  await using outsider = await startOutsider(rabbitmq.url);
  const declared = await declareQueues(rabbitmq.url, queues);
  await outsider.channel.deleteQueue(queue);
  const handled: string[] = [];
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    env: { QUEUES: declared },
    consumes: () => [on(thingMade, ({ data }) => void handled.push(data.id))],
    declare: false,
  });
  await waitFor('unready', async () => (await player.ready()).status === 503);
  expect((await player.ready()).checks.queues).toBe(`queue ${queue} is missing`);
  await declareQueues(rabbitmq.url, queues);
  await waitFor('ready', async () => (await player.ready()).status === 200);
  await player.context.change({ publish: [thingMade({ id: 'a', size: 1 })] });
  await waitFor('handled', () => handled.includes('a'));
  await outsider.channel.deleteQueue(queue);
  await waitFor('unready again', async () => (await player.ready()).status === 503);
  await declareQueues(rabbitmq.url, queues);
  await player.context.change({ publish: [thingMade({ id: 'b', size: 1 })] });
  await waitFor('goes on', () => handled.includes('b'));
}, 60_000);

test('refused credentials make it unready, with the reason', async () => {
  await using redis = await startRedis();
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    env: { RABBITMQ_PASSWORD: 'wrong' },
  });
  const { checks } = await waitFor('unready', async () => {
    const health = await player.ready();
    return health.status === 503 && health;
  });
  expect(checks.queues).toContain('ACCESS_REFUSED');
  expect(player.log.text).not.toContain('wrong');
}, 60_000);

test('a service without a Redis publishes at once, is unready without RabbitMQ, and says 503', async () => {
  const queue = newQueue();
  await using player = await startPlayer({
    url: rabbitmq.url,
    otherQueues: [{ queue, events: ['thing.moved'] }],
  });
  await waitFor('ready', async () => (await player.ready()).status === 200);
  await player.context.change({ publish: [thingMoved({ id: 'a', step: 1 })] });
  {
    await using outsider = await startOutsider(rabbitmq.url);
    expect(await outsider.depth(queue)).toBe(1);
    await outsider.channel.deleteQueue(queue);
  }
  const publish = () => player.context.change({ publish: [thingMoved({ id: 'b', step: 1 })] });
  await expect(publish()).rejects.toThrow('no queue receives thing.moved');
  await expect(player.context.change({ commands: [['SET', 'a', 1]] })).rejects.toThrow('"redis: true"');
  await rabbitmq.kill();
  await waitFor('unready', async () => (await player.ready()).status === 503);
  await expect(publish()).rejects.toMatchObject({ name: 'UnavailableError', dependency: 'rabbitmq' });
  await rabbitmq.start();
  await waitFor('ready again', async () => (await player.ready()).status === 200, 20_000);
}, 120_000);
