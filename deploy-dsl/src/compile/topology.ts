import type { Consume, Model } from '../language/model.ts';
import type { ModelPath } from '../language/origins.ts';
import type { Topology } from './compiled.ts';
import { queueNames } from './queues.ts';

/** The one exchange for all events; the routing key is the name of the event. */
export const eventsExchange = 'events';

/** After so many deliveries without an answer (the consumer crashed each time) a message counts as poison. */
const deliveryLimit = 20;

/**
 * A look at a dead letter counts as a delivery, and what has had too many is dropped, because it has nowhere to go. From
 * version 4 on RabbitMQ allows 20 where nothing is said; no number says "any number of times" to all versions, so this is
 * more than anybody will ever look (docs/decisions/0015).
 */
const looksLimit = 1_000_000_000;

/**
 * Exchange, queues and bindings of an environment. For each consumer:
 *
 * - its queue, bound to the events it wants; a message that is rejected, or crashes its consumer again and again, goes to
 *   the dead letters
 * - one queue per wait: the consumer publishes a failed message there, and when the wait is over the message returns
 * - `<queue>.dead`: kept until an operator replays or purges them
 *
 * All are quorum queues, and dead lettering is at-least-once: a message only leaves a queue when the next one has it.
 */
export function topologyOf(model: Model): Topology {
  const consumers = Object.values(model.services).flatMap((service) =>
    service.consumes.map((consume, index) => ({
      consume,
      origin: ['services', service.name, 'consumes', index],
    })),
  );
  return {
    exchanges: [{ name: eventsExchange, type: 'topic', origin: ['services'] }],
    queues: consumers.flatMap(({ consume, origin }) => queuesOf(consume, origin)),
    bindings: consumers.flatMap(({ consume, origin }) =>
      consume.events.map((routingKey, index) => ({
        exchange: eventsExchange,
        queue: consume.queue,
        routingKey,
        origin: [...origin, 'events', index],
      })),
    ),
  };
}

function queuesOf(consume: Consume, origin: ModelPath): Topology['queues'] {
  const { queue, retries, dead } = queueNames(consume);
  const waits = new Map(retries.map((name, index) => [name, { wait: consume.retriesMs[index] ?? 0, index }]));
  return [
    {
      name: queue,
      arguments: { ...quorum, ...deadLettersTo(dead), 'x-delivery-limit': deliveryLimit },
      origin,
    },
    ...[...waits].map(([name, { wait, index }]) => ({
      name,
      arguments: { ...quorum, ...deadLettersTo(queue), 'x-message-ttl': wait },
      origin: [...origin, 'retriesMs', index],
    })),
    { name: dead, arguments: { ...quorum, 'x-delivery-limit': looksLimit }, origin },
  ];
}

const quorum = { 'x-queue-type': 'quorum' };

/** Through the default exchange, which knows every queue by its name. At-least-once needs `reject-publish`. */
const deadLettersTo = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});
