import type { Rabbitmq, RabbitmqStatistics } from '../cluster/rabbitmq.ts';
import { queueNames } from '../compile/queues.ts';
import { topologyOf } from '../compile/topology.ts';
import type { Model } from '../language/model.ts';

/** The queue of a consumer, with those that belong to it. */
export interface QueueState {
  queue: string;
  /** Who consumes from it; null: the file does not know it (any more). */
  service: string | null;
  /** It is in RabbitMQ. */
  declared: boolean;
  /** Routing keys it takes. */
  events: string[];
  /** Connections that consume from it. */
  consumers: number;
  /** Messages that wait for a consumer, those that one has not answered yet, and those that wait for another attempt. */
  ready: number;
  unacknowledged: number;
  waiting: number;
  dead: number;
  /** Messages per second that came, and that were done with. */
  inRate: number;
  doneRate: number;
}

export interface ExchangeState {
  exchange: string;
  declared: boolean;
  /** Messages per second that were published to it, and that it gave to queues. */
  inRate: number;
  outRate: number;
}

export interface QueuesState {
  environment: string;
  exchanges: ExchangeState[];
  queues: QueueState[];
}

const deadSuffix = '.dead';

/**
 * The queues of the file as they are in RabbitMQ, and those that RabbitMQ has besides.
 *
 * @throws ClusterError when RabbitMQ cannot be asked
 */
export async function readQueues(
  model: Model,
  rabbitmq: Rabbitmq,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<QueuesState> {
  const [exchanges, live, bindings, consumers, queueStatistics, exchangeStatistics] = await Promise.all([
    rabbitmq.exchanges(options),
    rabbitmq.queues(options),
    rabbitmq.bindings(options),
    rabbitmq.consumers(options),
    rabbitmq.statistics('queues', options),
    rabbitmq.statistics('exchanges', options),
  ]);
  const depths = new Map(live.map((queue) => [queue.name, queue]));
  const depthOf = (name: string) => depths.get(name)?.messages ?? 0;
  const rate = ratesOf(queueStatistics);
  const exchangeRate = ratesOf(exchangeStatistics);

  const state = (queue: string, service: string | null, events: string[], retries: string[]): QueueState => ({
    queue,
    service,
    declared: depths.has(queue),
    events,
    consumers: consumers.get(queue) ?? 0,
    ready: depthOf(queue) - (depths.get(queue)?.messages_unacknowledged ?? 0),
    unacknowledged: depths.get(queue)?.messages_unacknowledged ?? 0,
    waiting: retries.reduce((sum, name) => sum + depthOf(name), 0),
    dead: depthOf(queue + deadSuffix),
    inRate: rate(queue, 'publish_details'),
    doneRate: rate(queue, 'ack_details'),
  });
  const wanted = Object.values(model.services).flatMap((service) =>
    service.consumes.map((consume) =>
      state(consume.queue, service.name, consume.events, queueNames(consume).retries),
    ),
  );
  const known = new Set(wanted.map(({ queue }) => queue));
  const others = [...new Set(live.filter(({ durable }) => durable).map(({ name }) => baseOf(name)))]
    .filter((name) => !known.has(name))
    .map((name) => {
      const keys = bindings.filter(({ destination }) => destination === name);
      const retries = live.map((each) => each.name).filter((each) => each.startsWith(`${name}.retry.`));
      return state(
        name,
        null,
        keys.map(({ routing_key }) => routing_key),
        retries,
      );
    });
  const liveExchanges = new Set(exchanges.map(({ name }) => name));
  return {
    environment: model.environment,
    exchanges: topologyOf(model).exchanges.map(({ name }) => ({
      exchange: name,
      declared: liveExchanges.has(name),
      inRate: exchangeRate(name, 'publish_in_details'),
      outRate: exchangeRate(name, 'publish_out_details'),
    })),
    queues: [...wanted, ...others.toSorted((a, b) => a.queue.localeCompare(b.queue))],
  };
}

/** Everything is there, somebody consumes from every queue of the file, and nothing was given up. */
export function isWell({ exchanges, queues }: QueuesState): boolean {
  return exchanges.every(({ declared }) => declared) && queues.every((queue) => problemOf(queue) === null);
}

/** What an operator should look at; null: nothing. */
export function problemOf(queue: QueueState): string | null {
  if (queue.dead > 0) {
    const letters = queue.dead === 1 ? '1 dead letter' : `${queue.dead} dead letters`;
    return `${letters}: \`./tandem queues inspect ${queue.queue}\` says why`;
  }
  if (!queue.declared) return 'not in RabbitMQ: `./tandem deploy` declares it';
  if (queue.service === null) return 'not in the file (any more): a deploy removes it when it is empty';
  if (queue.consumers === 0) return `nobody consumes from it: \`./tandem why ${queue.service}\``;
  return null;
}

/** `users.events` of `users.events.dead` and `users.events.retry.10s`. */
export function baseOf(name: string): string {
  return name.replace(/\.(dead|retry\.[^.]+)$/, '');
}

/** The queue for the dead letters of a queue. */
export function deadOf(queue: string): string {
  return queue + deadSuffix;
}

type Detail = keyof NonNullable<RabbitmqStatistics['message_stats']>;

function ratesOf(statistics: readonly RabbitmqStatistics[]): (name: string, detail: Detail) => number {
  const byName = new Map(statistics.map(({ name, message_stats }) => [name, message_stats]));
  return (name, detail) => byName.get(name)?.[detail]?.rate ?? 0;
}
