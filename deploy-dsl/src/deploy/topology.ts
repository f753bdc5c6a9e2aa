import { ClusterError } from '../cluster/cluster-error.ts';
import type { Rabbitmq } from '../cluster/rabbitmq.ts';
import type { Topology } from '../compile/compiled.ts';
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

/**
 * Declares what is missing: exchanges, then queues, then bindings. Nothing that is in use changes by it.
 *
 * @throws QueueRefused
 */
export async function addTopology(plan: TopologyPlan, wanted: Topology, rabbitmq: Rabbitmq): Promise<void> {
  for (const { name, type, origin } of plan.add.exchanges) {
    await declare(`exchange ${name}`, origin, rabbitmq.declareExchange(name, type));
  }
  for (const queue of plan.add.queues) {
    await declare(`queue ${queue.name}`, queue.origin, rabbitmq.declareQueue(queue.name, queue.arguments));
  }
  for (const queue of plan.replace) {
    await declare(`queue ${queue.name}`, queue.origin, rabbitmq.deleteQueue(queue.name, { ifEmpty: true }));
    await declare(`queue ${queue.name}`, queue.origin, rabbitmq.declareQueue(queue.name, queue.arguments));
  }
  // A queue that was made anew has lost its bindings.
  const replaced = new Set(plan.replace.map(({ name }) => name));
  const lost = wanted.bindings.filter(({ queue }) => replaced.has(queue));
  for (const { exchange, queue, routingKey, origin } of [...plan.add.bindings, ...lost]) {
    await declare(
      `event ${routingKey} for queue ${queue}`,
      origin,
      rabbitmq.bind(exchange, queue, routingKey),
    );
  }
}

/** Takes away what nobody uses any more. A queue that got messages meanwhile stays, for the next plan to say so. */
export async function removeTopology(plan: TopologyPlan, rabbitmq: Rabbitmq): Promise<void> {
  for (const binding of plan.remove.bindings) await rabbitmq.unbind(binding);
  for (const queue of plan.remove.queues) {
    await rabbitmq.deleteQueue(queue, { ifEmpty: true }).catch((error: unknown) => {
      if (!(error instanceof ClusterError) || error.status !== 400) throw error;
    });
  }
  for (const exchange of plan.remove.exchanges) await rabbitmq.deleteExchange(exchange);
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
