import type { ConsumeMessage } from 'amqplib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAcknowledger } from '../../src/queue/acknowledger.ts';

/** RabbitMQ's side of a channel: refuses a tag that it does not know or no longer knows, as the real one does. */
function deliver(count: number) {
  const outstanding = Array.from({ length: count }, (_, index) => index + 1);
  let acknowledgements = 0;
  return {
    outstanding,
    get acknowledgements() {
      return acknowledgements;
    },
    channel: {
      ack({ fields }: ConsumeMessage, allUpTo = false) {
        const place = outstanding.indexOf(fields.deliveryTag);
        if (place < 0) throw new Error(`unknown delivery tag ${fields.deliveryTag}`);
        outstanding.splice(allUpTo ? 0 : place, allUpTo ? place + 1 : 1);
        acknowledgements++;
      },
    },
  };
}

const message = (deliveryTag: number): ConsumeMessage => ({
  content: Buffer.from(''),
  fields: { deliveryTag, consumerTag: 'consumer', redelivered: false, exchange: '', routingKey: '' },
  properties: {
    ...{ contentType: undefined, contentEncoding: undefined, headers: {}, deliveryMode: undefined },
    ...{ priority: undefined, correlationId: undefined, replyTo: undefined, expiration: undefined },
    ...{ messageId: undefined, timestamp: undefined, type: undefined, userId: undefined },
    ...{ appId: undefined, clusterId: undefined },
  },
});

test('what is done in whatever order is acknowledged, and nothing else, after every turn', () => {
  const order = fc
    .integer({ min: 1, max: 40 })
    .chain((count) => fc.shuffledSubarray(Array.from({ length: count }, (_, index) => index + 1)));
  fc.assert(
    fc.property(order, fc.array(fc.integer({ min: 1, max: 6 })), (tags, turns) => {
      const broker = deliver(40);
      const acknowledger = createAcknowledger(broker.channel, new AbortController().signal);
      const todo = [...tags];
      for (const size of [...turns, todo.length]) {
        for (const tag of todo.splice(0, size)) acknowledger.done(message(tag));
        acknowledger.flush();
        const done = new Set(tags.slice(0, tags.length - todo.length));
        expect(broker.outstanding).toEqual(
          Array.from({ length: 40 }, (_, index) => index + 1).filter((tag) => !done.has(tag)),
        );
      }
    }),
  );
});

test('messages that were done in one turn take one acknowledgement, without being asked for', async () => {
  const broker = deliver(100);
  const acknowledger = createAcknowledger(broker.channel, new AbortController().signal);
  for (let tag = 1; tag <= 100; tag++) acknowledger.done(message(tag));
  await new Promise((resolve) => setImmediate(resolve));
  expect(broker.outstanding).toEqual([]);
  expect(broker.acknowledgements).toBe(1);
});

test('a slow handler holds up nobody', () => {
  const broker = deliver(4);
  const acknowledger = createAcknowledger(broker.channel, new AbortController().signal);
  for (const tag of [3, 2, 4]) acknowledger.done(message(tag));
  acknowledger.flush();
  expect(broker.outstanding).toEqual([1]);
  acknowledger.done(message(1));
  acknowledger.flush();
  expect(broker.outstanding).toEqual([]);
});

test('nothing is acknowledged on a channel that is gone', () => {
  const broker = deliver(2);
  const lost = new AbortController();
  const acknowledger = createAcknowledger(broker.channel, lost.signal);
  acknowledger.done(message(1));
  lost.abort();
  acknowledger.flush();
  expect(broker.outstanding).toEqual([1, 2]);
});
