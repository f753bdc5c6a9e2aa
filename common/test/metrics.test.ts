import { afterAll, beforeAll, expect, test } from 'vitest';
import { on } from '../src/index.ts';
import { type RabbitmqHost, sharedRabbitmq, startRedis, waitFor } from '../src/testing/index.ts';
import { newQueue, startPlayer, thingMade } from './queue/stage.ts';

let rabbitmq: RabbitmqHost;
beforeAll(async () => {
  rabbitmq = await sharedRabbitmq();
});
afterAll(() => rabbitmq[Symbol.asyncDispose]());

test('what a service measures: requests, events, memory, processor, garbage collection and event loop', async () => {
  await using redis = await startRedis();
  const queue = newQueue();
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.made'] }],
    consumes: () => [on(thingMade, async () => {})],
  });
  await player.service.app.inject('/api/player/openapi.json');
  await player.context.change({ publish: [thingMade({ id: 'a', size: 1 })] });
  await waitFor('it is handled', () => player.metric('events_handled_total', 'outcome="done"'));
  // Garbage is collected when Node likes to; the histogram is there from the first time on.
  globalThis.gc?.();

  const text = (await player.service.app.inject('/metrics')).body;
  const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${type} ${name}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'histogram http_request_duration_seconds',
      'histogram events_publish_duration_seconds',
      'histogram events_wait_duration_seconds',
      'histogram events_handler_duration_seconds',
      'counter events_published_total',
      'counter events_handled_total',
      'gauge events_outbox_depth',
      'gauge events_broker_connected',
      'histogram nodejs_gc_duration_seconds',
      'gauge nodejs_eventloop_lag_p99_seconds',
      'gauge nodejs_heap_size_used_bytes',
      'gauge process_resident_memory_bytes',
      'counter process_cpu_seconds_total',
      'gauge service_info',
    ]),
  );
  expect(await player.metric('events_wait_duration_seconds_count', 'event="thing.made"')).toBe(1);
});

test('an event waits from the change until its first attempt, and that is measured once', async () => {
  await using redis = await startRedis();
  const queue = newQueue();
  const attempts: number[] = [];
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    queues: [{ queue, events: ['thing.made'], retriesMs: [100] }],
    consumes: () => [
      on(thingMade, ({ attempt }) => {
        attempts.push(attempt);
        if (attempt === 1) throw new Error('the first one fails');
      }),
    ],
  });
  await player.context.change({ publish: [thingMade({ id: 'a', size: 1 })] });
  await waitFor('it is handled', () => player.metric('events_handled_total', 'outcome="done"'));
  expect(attempts).toEqual([1, 2]);
  expect(await player.metric('events_wait_duration_seconds_count')).toBe(1);
  const waited = await player.metric('events_wait_duration_seconds_sum');
  expect(waited).toBeGreaterThanOrEqual(0);
});
