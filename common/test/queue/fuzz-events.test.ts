import { afterAll, beforeAll, expect, test } from 'vitest';
import { on, Rejected } from '../../src/index.ts';
import {
  fuzzEvents,
  type RabbitmqHost,
  sharedRabbitmq,
  startRedis,
  type TestRedis,
} from '../../src/testing/index.ts';
import { newQueue, startPlayer, thingMade } from './stage.ts';

let rabbitmq: RabbitmqHost;
let redis: TestRedis;

beforeAll(async () => {
  [rabbitmq, redis] = [await sharedRabbitmq(), await startRedis()];
}, 150_000);

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rabbitmq[Symbol.asyncDispose]();
});

async function fuzzed(handle: (data: { id: string; size: number }) => void) {
  const queue = newQueue();
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    env: { LOG_LEVEL: 'silent' },
    queues: [{ queue, events: ['thing.made'] }],
    consumes: () => [on(thingMade, ({ data }) => handle(data))],
  });
  // Before the service is stopped.
  return await fuzzEvents({
    instances: [player.service],
    url: rabbitmq.url,
    queue,
    runs: 10,
    known: { id: ['known'] },
  });
}

test('every message is handled or refused with its reason, and handled once', async () => {
  const ids: string[] = [];
  const { outcomes, dead } = await fuzzed(({ id }) => ids.push(id));
  expect(ids).toContain('known');
  expect(outcomes.done).toBe(ids.length);
  expect(outcomes.duplicate).toBe(ids.length);
  expect(dead).toMatchObject({ 'not-an-event': 10, 'unknown-version': 2, 'too-large': 2 });
  expect(dead['not-json']).toBeGreaterThanOrEqual(16);
});

test('a handler that fails because of what it was given is found, one that refuses it is not', async () => {
  const strict = fuzzed(({ id }) => {
    throw new Error(`no thing ${id}`);
  });
  await expect(strict).rejects.toThrow(
    /became a dead letter: handler-failed, Error: no thing .*: the handler failed/s,
  );
  const { dead } = await fuzzed(() => {
    throw new Rejected('no-such-thing', 'it is not there');
  });
  expect(dead['no-such-thing']).toBeGreaterThan(20);
});
