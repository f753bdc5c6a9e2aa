import type { Rabbitmq, RabbitmqBinding, RabbitmqQueue } from '../cluster/rabbitmq.ts';
import type { Topology } from '../compile/compiled.ts';
import type { ModelPath } from '../language/origins.ts';
import { type Change, change, changed } from './change.ts';

/** What differs between the wanted exchanges, queues and bindings and those of RabbitMQ. */
export interface TopologyPlan {
  changes: Change[];
  /** Declared first; nothing depends on what is not there yet. */
  add: Topology;
  /** Taken away last, when nobody uses it any more. */
  remove: { exchanges: string[]; queues: RemovedQueue[]; bindings: RabbitmqBinding[] };
  /** There with other settings, which RabbitMQ never changes: the deploy refuses. */
  fixed: FixedDifference[];
  /** Queues to be removed that still hold messages: the deploy refuses. */
  blocked: { queue: string; messages: number }[];
}

export interface RemovedQueue {
  name: string;
  /** Queue that gets what is rejected here, or what has waited long enough; null: none. */
  deadLettersTo: string | null;
}

export interface FixedDifference {
  what: 'queue' | 'exchange';
  name: string;
  /** `x-delivery-limit`, `type` */
  setting: string;
  /** Null: not set. */
  live: string | null;
  wanted: string | null;
  origin: ModelPath;
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
  const remove = {
    exchanges: live.exchanges
      .filter((each) => each.durable && !wantedExchanges.has(each.name))
      .map(({ name }) => name),
    queues: [...liveQueues.values()].filter(({ name }) => !wantedQueues.has(name)).map(removed),
    // Bindings of a queue that goes, go with it.
    bindings: live.bindings.filter(
      (each) =>
        each.destination_type === 'queue' &&
        wantedQueues.has(each.destination) &&
        wantedExchanges.has(each.source) &&
        !wantedBindings.has(key(each.source, each.destination, each.routing_key)),
    ),
  };
  const fixed = [
    ...wanted.exchanges.flatMap((exchange) => exchangeDifference(exchange, liveExchanges.get(exchange.name))),
    ...wanted.queues.flatMap((queue) => queueDifferences(queue, liveQueues.get(queue.name))),
  ];
  const blocked = remove.queues
    .map(({ name }) => ({ queue: name, messages: liveQueues.get(name)?.messages ?? 0 }))
    .filter(({ messages }) => messages > 0);
  return { changes: words(add, remove, fixed), add, remove, fixed, blocked };
}

function removed({ name, arguments: settings }: LiveTopology['queues'][number]): RemovedQueue {
  const target = settings['x-dead-letter-routing-key'];
  return { name, deadLettersTo: typeof target === 'string' ? target : null };
}

function exchangeDifference(
  { name, type, origin }: Topology['exchanges'][number],
  live: LiveTopology['exchanges'][number] | undefined,
): FixedDifference[] {
  if (live === undefined || live.type === type) return [];
  return [{ what: 'exchange', name, setting: 'type', live: live.type, wanted: type, origin }];
}

function queueDifferences(
  queue: Topology['queues'][number],
  live: LiveTopology['queues'][number] | undefined,
): FixedDifference[] {
  if (live === undefined) return [];
  const settings = [...new Set([...Object.keys(queue.arguments), ...Object.keys(live.arguments)])].sort();
  return settings
    .filter((setting) => queue.arguments[setting] !== live.arguments[setting])
    .map((setting) => ({
      what: 'queue',
      name: queue.name,
      setting,
      live: textOf(live.arguments[setting]),
      wanted: textOf(queue.arguments[setting]),
      origin: queue.origin,
    }));
}

function textOf(value: unknown): string | null {
  return value === undefined ? null : String(value);
}

/** `x-delivery-limit is 10, not 20` */
export function differenceWords({ setting, live, wanted }: FixedDifference): string {
  if (live === null) return `${setting} is not set, not ${wanted}`;
  return wanted === null ? `${setting} is ${live}, not left out` : `${setting} is ${live}, not ${wanted}`;
}

function words(add: Topology, remove: TopologyPlan['remove'], fixed: FixedDifference[]): Change[] {
  const touched = new Set([...add.queues.map(({ name }) => name), ...remove.queues.map(({ name }) => name)]);
  // A queue's own retry and dead-letter queues go with it: `rooms.mail`, `rooms.mail.retry.10s`, `rooms.mail.dead`.
  const isPart = (name: string) =>
    [...touched].some((other) => name !== other && name.startsWith(`${other}.`));
  const keys = (queue: string) =>
    add.bindings.filter((each) => each.queue === queue).map(({ routingKey }) => routingKey || queue);
  return [
    ...fixed.map((each) =>
      changed(
        `${each.what} ${each.name}`,
        `${each.what} ${each.name}: ${differenceWords(each)}, and stays so`,
      ),
    ),
    ...add.exchanges.map(({ name }) => change(`exchange ${name}`, null, '')),
    ...add.queues
      .filter(({ name }) => !isPart(name))
      .map(({ name }) => change(`queue ${name}`, null, keys(name).join(', '))),
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
    ...remove.queues.filter(({ name }) => !isPart(name)).map(({ name }) => change(`queue ${name}`, '', null)),
    ...remove.exchanges.map((name) => change(`exchange ${name}`, '', null)),
  ];
}

function key(...parts: string[]): string {
  return parts.join('\0');
}
