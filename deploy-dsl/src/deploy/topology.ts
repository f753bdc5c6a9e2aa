import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError } from '../cluster/cluster-error.ts';
import type { Rabbitmq, RabbitmqAlarm } from '../cluster/rabbitmq.ts';
import type { ModelPath } from '../language/origins.ts';
import type { TopologyPlan } from '../plan/topology-plan.ts';

/** RabbitMQ did not take an exchange, a queue or a binding. */
export class QueueRefused extends Error {
  /** `queue rooms.mail` */
  readonly what: string;
  readonly origin: ModelPath;

  constructor(what: string, origin: ModelPath, message: string) {
    super(message);
    this.name = 'QueueRefused';
    this.what = what;
    this.origin = origin;
  }
}

/** RabbitMQ holds all publishers back: services that come up now would wait for it. */
export class QueuesHeld extends Error {
  readonly alarm: RabbitmqAlarm;

  constructor(alarm: RabbitmqAlarm) {
    super(`RabbitMQ is short of ${alarm.resource}`);
    this.name = 'QueuesHeld';
    this.alarm = alarm;
  }
}

/**
 * Declares what is missing: exchanges, then queues, then bindings. Nothing that is in use changes by it.
 *
 * @throws QueueRefused; QueuesHeld while RabbitMQ takes no messages
 */
export async function addTopology(
  { add }: TopologyPlan,
  rabbitmq: Rabbitmq,
  signal: AbortSignal,
): Promise<void> {
  const [alarm] = await rabbitmq.alarms({ signal });
  if (alarm !== undefined) throw new QueuesHeld(alarm);
  for (const { name, type, origin } of add.exchanges) {
    await declare(`exchange ${name}`, origin, rabbitmq.declareExchange(name, type, { signal }));
  }
  for (const { name, origin, arguments: settings } of add.queues) {
    await declare(`queue ${name}`, origin, rabbitmq.declareQueue(name, settings, { signal }));
  }
  for (const { exchange, queue, routingKey, origin } of add.bindings) {
    const request = rabbitmq.bind(exchange, queue, routingKey, { signal });
    await declare(`event ${routingKey} for queue ${queue}`, origin, request);
  }
}

export interface RemovalOptions {
  signal: AbortSignal;
  /** Between two looks. */
  pollMs: number;
  /** How long a queue may take to be left by its last consumers, which finish what they have begun. */
  patienceMs: number;
}

/**
 * Takes away what nobody uses any more. A queue gets no new events from the first moment on, and goes when its consumers
 * have left it and nothing is in it: a message is never lost by a deploy.
 *
 * @returns the queues that had to stay, for the next deploy to remove
 */
export async function removeTopology(
  { remove }: TopologyPlan,
  rabbitmq: Rabbitmq,
  { signal, pollMs, patienceMs }: RemovalOptions,
): Promise<string[]> {
  const left = new Map(remove.queues.map((queue) => [queue.name, queue]));
  const feeding = (await rabbitmq.bindings({ signal })).filter(
    ({ destination, destination_type }) => destination_type === 'queue' && left.has(destination),
  );
  for (const binding of [...remove.bindings, ...feeding]) await rabbitmq.unbind(binding, { signal });
  const end = Date.now() + patienceMs;
  for (;;) {
    for (const { name } of left.values()) {
      const fed = [...left.values()].some(({ deadLettersTo }) => deadLettersTo === name);
      if (fed || !(await rabbitmq.isIdle(name, { signal }))) continue;
      await rabbitmq.deleteQueue(name, { signal });
      left.delete(name);
    }
    if (left.size === 0 || Date.now() > end) break;
    await sleep(pollMs, undefined, { signal });
  }
  for (const exchange of remove.exchanges) await rabbitmq.deleteExchange(exchange, { signal });
  return [...left.keys()];
}

async function declare(what: string, origin: ModelPath, request: Promise<void>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ClusterError && error.status !== null)
      throw new QueueRefused(what, origin, error.reply);
    throw error;
  }
}
