import { connect } from 'amqplib';
import { EVENTS_EXCHANGE } from '../queue/queues.ts';

export interface QueueToDeclare {
  queue: string;
  events: string[];
  prefetch?: number;
  /** Waits before the next attempts, in ms. */
  retriesMs?: number[];
  /** After so many deliveries without an answer RabbitMQ itself gives up. */
  deliveryLimit?: number;
}

const QUORUM = { 'x-queue-type': 'quorum' };

const deadLettersTo = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

/**
 * Declares the exchange, and queues with their waits and dead letters, as a deploy does.
 *
 * @returns the variable QUEUES of the service that consumes them
 */
export async function declareQueues(url: string, queues: readonly QueueToDeclare[]): Promise<string> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertExchange(EVENTS_EXCHANGE, 'topic', { durable: true });
  const names = [];
  for (const { queue, events, prefetch = 10, retriesMs = [], deliveryLimit = 20 } of queues) {
    const dead = `${queue}.dead`;
    const retries = retriesMs.map((wait) => `${queue}.retry.${wait}ms`);
    await channel.assertQueue(dead, { arguments: { ...QUORUM, 'x-delivery-limit': 1_000_000_000 } });
    await channel.assertQueue(queue, {
      arguments: { ...QUORUM, ...deadLettersTo(dead), 'x-delivery-limit': deliveryLimit },
    });
    for (const [index, wait] of retriesMs.entries()) {
      await channel.assertQueue(retries[index] ?? '', {
        arguments: { ...QUORUM, ...deadLettersTo(queue), 'x-message-ttl': wait },
      });
    }
    for (const event of events) await channel.bindQueue(queue, EVENTS_EXCHANGE, event);
    names.push({ queue, events, prefetch, retries, dead });
  }
  await connection.close();
  return JSON.stringify(names);
}
