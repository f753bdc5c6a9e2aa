import { afterAll, beforeAll, expect, test } from 'vitest';
import { on, type ReceivedEvent } from '../../src/index.ts';
import { withRequestContext } from '../../src/request-context.ts';
import { type RabbitmqHost, sharedRabbitmq, startRedis, waitFor } from '../../src/testing/index.ts';
import { readTraceContext } from '../../src/trace-context.ts';
import { newQueue, startOutsider, startPlayer, thingMade, thingMoved } from './stage.ts';

let rabbitmq: RabbitmqHost;

beforeAll(async () => {
  rabbitmq = await sharedRabbitmq();
}, 150_000);

afterAll(() => rabbitmq[Symbol.asyncDispose]());

test('an event that is written with a change arrives, with all that is known of it', async () => {
  await using redis = await startRedis();
  const received: ReceivedEvent<{ id: string; size: number }>[] = [];
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue: newQueue(), events: ['thing.made'] }],
    consumes: () => [on(thingMade, (event) => void received.push(event))],
  });
  const trace = readTraceContext(undefined, 'vendor=1');
  const request = { requestId: 'request-1', trace, authorization: 'Bearer secret', userId: 'user-1' };
  await withRequestContext(request, () =>
    player.context.change({
      commands: [['SET', 'thing', '1']],
      publish: [thingMade({ id: 'a', size: 3 })],
    }),
  );
  await waitFor('received', () => received.length === 1);
  expect(received[0]).toMatchObject({
    name: 'thing.made',
    version: 1,
    data: { id: 'a', size: 3 },
    producer: 'player',
    attempt: 1,
    sequence: expect.stringMatching(/^\d+-\d+$/),
  });
  expect(Date.now() - Date.parse(received[0]?.occurredAt ?? '')).toBeLessThan(60_000);
  expect(await player.context.redis.get('thing')).toBe('1');
  await waitFor(
    'measured',
    async () => (await player.metric('events_handled_total', 'outcome="done"')) === 1,
  );
  expect(await player.metric('events_published_total', 'event="thing.made"')).toBe(1);
  expect(await player.metric('events_outbox_depth')).toBe(0);
});

test('a script publishes when it says so, and only then', async () => {
  await using redis = await startRedis();
  const received: string[] = [];
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue: newQueue(), events: ['thing.made'] }],
    consumes: () => [on(thingMade, ({ data }) => void received.push(data.id))],
  });
  const script = `
    if redis.call('EXISTS', KEYS[1]) == 1 then return 'taken' end
    redis.call('SET', KEYS[1], ARGV[1])
    publish()
    return 'made'
  `;
  const make = (id: string) =>
    player.context.change({ script, keys: ['name'], args: [id], publish: [thingMade({ id, size: 1 })] });
  expect(await make('first')).toBe('made');
  expect(await make('second')).toBe('taken');
  await player.context.change({ publish: [thingMade({ id: 'last', size: 1 })] });
  await waitFor('received', () => received.includes('last'));
  expect(received).toEqual(['first', 'last']);
});

test('on the wire it is a plain AMQP message with JSON', async () => {
  await using redis = await startRedis();
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    otherQueues: [{ queue, events: ['thing.made'] }],
  });
  await player.context.change({ publish: [thingMade({ id: 'ü', size: 0 })] });
  const message = await waitFor('arrived', () => outsider.take(queue));
  expect(JSON.parse(message.content.toString())).toEqual({ id: 'ü', size: 0 });
  expect(message.properties).toMatchObject({
    messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    type: 'thing.made',
    appId: 'player',
    contentType: 'application/json',
    deliveryMode: 2,
    headers: {
      'x-event-version': 1,
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    },
  });
});

test('data that does not fit is not published, and a service publishes only what it declares', async () => {
  await using redis = await startRedis();
  await using player = await startPlayer({ url: rabbitmq.url, redis, publishes: [thingMade] });
  expect(() => thingMade({ id: 'a', size: -1 })).toThrow(
    'the data does not fit the event thing.made version 1: /size',
  );
  await expect(player.context.change({ publish: [thingMoved({ id: 'a', step: 1 })] })).rejects.toThrow(
    'does not have thing.moved version 1',
  );
});

test('events of one key arrive in their order', async () => {
  await using redis = await startRedis();
  const received: number[] = [];
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue: newQueue(), events: ['thing.moved'], prefetch: 1 }],
    consumes: () => [on(thingMoved, ({ data }) => void received.push(data.step))],
  });
  const steps = Array.from({ length: 200 }, (_, step) => step);
  for (const step of steps) await player.context.change({ publish: [thingMoved({ id: 'a', step })] });
  await waitFor('all received', () => received.length === steps.length);
  expect(received).toEqual(steps);
});
