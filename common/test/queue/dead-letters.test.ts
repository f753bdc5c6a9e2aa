import { afterAll, beforeAll, expect, test } from 'vitest';
import { on } from '../../src/index.ts';
import { readDeadLetter, replayedProperties } from '../../src/queue/dead-letter.ts';
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

test('a dead letter says why it is one; replayed it begins anew, is handled once, and remembers that it was sent back', async () => {
  let broken = true;
  const attempts: number[] = [];
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await using _player = await startPlayer({
    url: rabbitmq.url,
    redis,
    env: { SERVICE_VERSION: '1.2.3' },
    queues: [{ queue, events: ['thing.made'], retriesMs: [50] }],
    consumes: () => [
      on(thingMade, async ({ attempt }) => {
        attempts.push(attempt);
        if (broken) throw new TypeError('no such shelf');
      }),
    ],
  });
  const properties = eventProperties('thing.made', 1, { 'x-request-id': 'request-1' });
  const nextDead = () => waitFor('a dead letter', () => outsider.take(`${queue}.dead`));
  outsider.send(queue, JSON.stringify({ id: 'a', size: 1 }), properties);

  const message = await nextDead();
  const letter = readDeadLetter(message);
  expect(letter).toMatchObject({
    id: properties.messageId,
    event: 'thing.made',
    producer: 'outsider',
    service: 'player',
    version: '1.2.3',
    code: 'handler-failed',
    reason: 'TypeError: no such shelf',
    attempts: 2,
    replays: 0,
  });
  expect(Date.parse(letter.firstFailedAt ?? '')).toBeLessThan(Date.parse(letter.failedAt ?? ''));

  const replayed = replayedProperties(message);
  expect(replayed.headers).toEqual({ ...properties.headers, 'x-replays': 1 });
  outsider.send(queue, message.content, replayed);
  const again = await nextDead();
  expect(readDeadLetter(again)).toMatchObject({ id: properties.messageId, attempts: 2, replays: 1 });
  expect(attempts).toEqual([1, 2, 1, 2]);

  broken = false;
  for (let copy = 0; copy < 2; copy++) outsider.send(queue, again.content, replayedProperties(again));
  await waitFor(
    'the queue is empty',
    async () => (await outsider.depth(queue)) === 0 && attempts.length === 5,
  );
  expect(await outsider.take(`${queue}.dead`)).toBeNull();
});

test('a message that RabbitMQ gave up itself says so, whatever a handler wrote on it before', async () => {
  await using outsider = await startOutsider(rabbitmq.url);
  const queue = newQueue();
  await outsider.channel.assertQueue(`${queue}.dead`, { arguments: { 'x-queue-type': 'quorum' } });
  await outsider.channel.assertQueue(queue, {
    arguments: {
      'x-queue-type': 'quorum',
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': `${queue}.dead`,
      'x-delivery-limit': 1,
    },
  });
  outsider.send(queue, 'poison', { headers: { 'x-error': 'of another time', 'x-attempt': 1 } });
  for (let time = 0; time < 2; time++) {
    const given = await waitFor('a delivery', async () => (await outsider.channel.get(queue)) || null);
    outsider.channel.nack(given);
  }
  const letter = readDeadLetter(await waitFor('a dead letter', () => outsider.take(`${queue}.dead`)));
  expect(letter).toMatchObject({ code: 'delivery_limit', attempts: null, event: null, service: null });
  expect(letter.reason).toMatch(/RabbitMQ gave it up/);
  expect(letter.id).toMatch(/^sha256:[0-9a-f]{16}$/);
  expect(Math.abs(Date.now() - Date.parse(letter.failedAt ?? ''))).toBeLessThan(60_000);
});

test('nothing that stands in a header makes it throw', () => {
  const written = (properties: object) =>
    ({ content: Buffer.from('x'), properties }) as Parameters<typeof readDeadLetter>[0];
  expect(readDeadLetter(written({ headers: undefined })).reason).toBe('nothing is written on it');
  for (const strange of [null, 7, {}, [], [null], [{}], [{ reason: {}, time: { value: 1e300 } }], 'text']) {
    const headers = { 'x-death': strange, 'x-error': strange, 'x-attempt': strange, 'x-replays': strange };
    const message = written({ headers, messageId: strange, type: strange });
    expect(readDeadLetter(message).bytes).toBe(1);
    expect(replayedProperties(message).headers).toHaveProperty('x-replays');
  }
});
