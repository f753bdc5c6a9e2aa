import { afterAll, beforeAll, expect, test } from 'vitest';
import { isNewer, on } from '../../src/index.ts';
import { createMessageId, timeOfMessageId } from '../../src/queue/message-id.ts';
import {
  type RabbitmqHost,
  sharedRabbitmq,
  startRedis,
  type TestRedis,
  waitFor,
} from '../../src/testing/index.ts';
import { eventProperties, newQueue, startOutsider, startPlayer, thingMade, thingMoved } from './stage.ts';

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

test('a copy of a message that was handled is dropped', async () => {
  const queue = newQueue();
  const handled: string[] = [];
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.made'] }],
    consumes: () => [on(thingMade, ({ id }) => void handled.push(id))],
  });
  const properties = eventProperties('thing.made');
  outsider.send(queue, '{"id":"a","size":1}', properties);
  await waitFor('handled', () => handled.length === 1);
  for (let copy = 0; copy < 5; copy++) outsider.send(queue, '{"id":"a","size":1}', properties);
  await waitFor('dropped', async () => (await player.metric('events_handled_total', 'duplicate')) === 5);
  expect(handled).toEqual([properties.messageId]);
});

test('copies that arrive at the same time at two instances are handled by one of them', async () => {
  const queue = newQueue();
  const handled: string[] = [];
  const working = { now: 0, most: 0 };
  const gate = Promise.withResolvers<void>();
  await using outsider = await startOutsider(rabbitmq.url);
  const player = () =>
    startPlayer({
      url: rabbitmq.url,
      redis,
      queues: [{ queue, events: ['thing.made'], prefetch: 4 }],
      consumes: () => [
        on(thingMade, async ({ id }) => {
          working.most = Math.max(working.most, ++working.now);
          await gate.promise;
          working.now--;
          handled.push(id);
        }),
      ],
    });
  await using one = await player();
  await using other = await player();
  await waitFor('both consume', async () => (await outsider.channel.checkQueue(queue)).consumerCount === 2);
  const properties = eventProperties('thing.made');
  for (let copy = 0; copy < 8; copy++) outsider.send(queue, '{"id":"a","size":1}', properties);
  await waitFor('all are delivered', async () => (await outsider.depth(queue)) === 0);
  await waitFor('one is at work', () => working.now === 1);
  gate.resolve();
  const dropped = async () =>
    ((await one.metric('events_handled_total', 'duplicate')) ?? 0) +
    ((await other.metric('events_handled_total', 'duplicate')) ?? 0);
  await waitFor('the others are dropped', async () => (await dropped()) === 7);
  expect([handled.length, working.most]).toEqual([1, 1]);
});

test('effect and mark are one step: what was marked meanwhile has no effect', async () => {
  const queue = newQueue();
  const delivered: string[] = [];
  const results: unknown[] = [];
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.made'] }],
    consumes: ({ redis: connection }) => [
      on(thingMade, async ({ id, data, change }) => {
        delivered.push(id);
        // Another instance, which believed that this one is dead, was faster.
        if (data.id === 'overtaken') await connection.sadd(doneKeyOf(id), id);
        results.push(await change({ commands: [['INCR', `count:${data.id}`]], publish: [] }));
      }),
    ],
  });
  outsider.send(queue, '{"id":"overtaken","size":1}', eventProperties('thing.made'));
  outsider.send(queue, '{"id":"plain","size":1}', eventProperties('thing.made'));
  await waitFor('both are over', async () => delivered.length === 2 && results.length === 1);
  await waitFor('dropped', async () => (await player.metric('events_handled_total', 'duplicate')) === 1);
  expect(results).toEqual([[1]]);
  expect(await player.context.redis.exists('count:overtaken')).toBe(0);
  expect(await outsider.depth(`${queue}.dead`)).toBe(0);
});

const doneKeyOf = (id: string) => `events:done:${Math.floor(timeOfMessageId(id) / 3_600_000)}`;

test('a handler that fails before its change is tried again; one that fails after it is done', async () => {
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.made'], retriesMs: [20, 20] }],
    consumes: () => [
      on(thingMade, async ({ data, attempt, change }) => {
        if (data.id === 'before' && attempt < 3) throw new Error('before');
        await change({ commands: [['INCR', `times:${data.id}`]] });
        if (data.id === 'after') throw new Error('after');
        if (data.id === 'twice') await change({ commands: [['INCR', 'times:twice']] });
      }),
    ],
  });
  for (const id of ['before', 'after', 'twice'])
    outsider.send(queue, JSON.stringify({ id, size: 1 }), eventProperties('thing.made'));
  await waitFor('all are done', async () => (await player.metric('events_handled_total', 'done')) === 3);
  expect(await player.context.redis.mget('times:before', 'times:after', 'times:twice')).toEqual([
    '1',
    '1',
    '1',
  ]);
  expect(player.log.text).toContain('a handler failed after its change');
});

test('an older state that comes late can be told by its sequence', async () => {
  const queue = newQueue();
  const state = { step: 0, sequence: '' };
  let seen = 0;
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.moved'] }],
    consumes: () => [
      on(thingMoved, ({ data, sequence }) => {
        seen++;
        if (isNewer(sequence, state.sequence)) Object.assign(state, { step: data.step, sequence });
      }),
    ],
  });
  for (const [step, sequence] of [
    [3, '1700000000000-10'],
    [1, '1700000000000-2'],
    [2, '1700000000000-9'],
    [0, '999-0'],
  ]) {
    outsider.send(
      queue,
      JSON.stringify({ id: 'a', step }),
      eventProperties('thing.moved', 1, { 'x-sequence': sequence }),
    );
  }
  await waitFor('all are seen', () => seen === 4);
  expect(state.step).toBe(3);
  await waitFor('none has failed', async () => (await player.metric('events_handled_total', 'done')) === 4);
});

test('ids say when they were made, and sort by it', () => {
  const ids = [1, 1_000, 1_700_000_000_000, 2 ** 47].map((ms) => createMessageId(ms));
  expect(ids.map(timeOfMessageId)).toEqual([1, 1_000, 1_700_000_000_000, 2 ** 47]);
  expect(ids.toSorted()).toEqual(ids);
});
