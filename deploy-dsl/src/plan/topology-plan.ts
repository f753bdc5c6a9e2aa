import { isDeepStrictEqual } from 'node:util';
import type { Rabbitmq, RabbitmqBinding, RabbitmqQueue } from '../cluster/rabbitmq.ts';
import type { Topology } from '../compile/compiled.ts';
import { type Change, change, changed } from './change.ts';

/** What differs between the wanted exchanges, queues and bindings and those of RabbitMQ. */
export interface TopologyPlan {
  changes: Change[];
  /** Declared first; nothing depends on what is not there yet. */
  add: Topology;
  /** Taken away last, when nobody uses it any more. */
  remove: { exchanges: string[]; queues: string[]; bindings: RabbitmqBinding[] };
  /** Queues whose arguments differ: RabbitMQ can only make them anew. */
  replace: Topology['queues'];
  /** Queues to be removed or made anew that still hold messages: the deploy refuses. */
  blocked: { queue: string; messages: number; why: 'removed' | 'replaced' }[];
}

/** @param rabbitmq null where none runs yet */
export async function planTopology(wanted: Topology, rabbitmq: Rabbitmq | null): Promise<TopologyPlan> {
  if (rabbitmq === null) return compareTopology(wanted, { exchanges: [], queues: [], bindings: [] });
  const [exchanges, queues, bindings] = await Promise.all([
    rabbitmq.exchanges(),
    rabbitmq.queues(),
    rabbitmq.bindings(),
  ]);
  return compareTopology(wanted, { exchanges, queues, bindings });
}

export interface LiveTopology {
  exchanges: { name: string; type: string; durable: boolean }[];
  queues: Pick<RabbitmqQueue, 'name' | 'durable' | 'arguments' | 'messages'>[];
  bindings: RabbitmqBinding[];
}

/** What is not durable belongs to a connection (a reply queue, for instance), not to the file. */
export function compareTopology(wanted: Topology, live: LiveTopology): TopologyPlan {
  const liveQueues = new Map(
    live.queues.filter(({ durable }) => durable).map((queue) => [queue.name, queue]),
  );
  const wantedQueues = new Map(wanted.queues.map((queue) => [queue.name, queue]));
  const wantedExchanges = new Set(wanted.exchanges.map(({ name }) => name));
  const liveExchanges = new Map(live.exchanges.map((exchange) => [exchange.name, exchange]));
  const wantedBindings = new Set(
    wanted.bindings.map((each) => key(each.exchange, each.queue, each.routingKey)),
  );
  const liveBindings = new Set(
    live.bindings.map((each) => key(each.source, each.destination, each.routing_key)),
  );

  const add: Topology = {
    exchanges: wanted.exchanges.filter(({ name }) => !liveExchanges.has(name)),
    queues: wanted.queues.filter(({ name }) => !liveQueues.has(name)),
    bindings: wanted.bindings.filter(
      (each) => !liveBindings.has(key(each.exchange, each.queue, each.routingKey)),
    ),
  };
  const replace = wanted.queues.filter((queue) => {
    const old = liveQueues.get(queue.name);
    return old !== undefined && !isDeepStrictEqual(sorted(old.arguments), sorted(queue.arguments));
  });
  const remove = {
    exchanges: live.exchanges
      .filter((each) => each.durable && !wantedExchanges.has(each.name))
      .map(({ name }) => name),
    queues: [...liveQueues.keys()].filter((name) => !wantedQueues.has(name)),
    // Bindings of a queue that goes, go with it.
    bindings: live.bindings.filter(
      (each) =>
        each.destination_type === 'queue' &&
        wantedQueues.has(each.destination) &&
        wantedExchanges.has(each.source) &&
        !wantedBindings.has(key(each.source, each.destination, each.routing_key)),
    ),
  };
  const messages = (name: string) => liveQueues.get(name)?.messages ?? 0;
  const blocked = [
    ...remove.queues.map((queue) => ({ queue, messages: messages(queue), why: 'removed' as const })),
    ...replace.map(({ name }) => ({ queue: name, messages: messages(name), why: 'replaced' as const })),
  ].filter((each) => each.messages > 0);
  return { changes: words(add, remove, replace), add, remove, replace, blocked };
}

function words(add: Topology, remove: TopologyPlan['remove'], replace: Topology['queues']): Change[] {
  const touched = new Set([
    ...add.queues.map(({ name }) => name),
    ...remove.queues,
    ...replace.map(({ name }) => name),
  ]);
  // A queue's own retry and dead-letter queues go with it: `rooms.mail`, `rooms.mail.retry.1`, `rooms.mail.dead`.
  const isPart = (name: string) =>
    [...touched].some((other) => name !== other && name.startsWith(`${other}.`));
  const keys = (queue: string) =>
    add.bindings.filter((each) => each.queue === queue).map(({ routingKey }) => routingKey || queue);
  return [
    ...add.exchanges.map(({ name }) => change(`exchange ${name}`, null, '')),
    ...add.queues
      .filter(({ name }) => !isPart(name))
      .map(({ name }) => change(`queue ${name}`, null, keys(name).join(', '))),
    ...replace
      .filter(({ name }) => !isPart(name))
      .map(({ name }) => changed(`queue ${name}`, `queue ${name} made anew with other settings`)),
    ...add.bindings
      .filter(({ queue }) => !touched.has(queue) && !isPart(queue))
      .map(({ queue, routingKey }) =>
        changed(`event ${routingKey}`, `queue ${queue} also takes ${routingKey}`),
      ),
    ...remove.bindings
      .filter(({ destination }) => !touched.has(destination) && !isPart(destination))
      .map((each) =>
        changed(`event ${each.routing_key}`, `queue ${each.destination} takes ${each.routing_key} no more`),
      ),
    ...remove.queues.filter((name) => !isPart(name)).map((name) => change(`queue ${name}`, '', null)),
    ...remove.exchanges.map((name) => change(`exchange ${name}`, '', null)),
  ];
}

function key(...parts: string[]): string {
  return parts.join('\0');
}

function sorted(args: Record<string, unknown>): [string, unknown][] {
  return Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
}
