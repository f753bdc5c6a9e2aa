import type { Rabbitmq } from '../cluster/rabbitmq.ts';
import type { Topology } from '../compile/compiled.ts';
import type { TopologyPlan } from '../plan/topology-plan.ts';

/** Declares what is missing: exchanges, then queues, then bindings. Nothing that is in use changes by it. */
export async function addTopology(plan: TopologyPlan, wanted: Topology, rabbitmq: Rabbitmq): Promise<void> {
  for (const { name, type } of plan.add.exchanges) await rabbitmq.declareExchange(name, type);
  for (const queue of plan.add.queues) await rabbitmq.declareQueue(queue.name, queue.arguments);
  for (const queue of plan.replace) {
    await rabbitmq.deleteQueue(queue.name, { ifEmpty: true });
    await rabbitmq.declareQueue(queue.name, queue.arguments);
  }
  // A queue that was made anew has lost its bindings.
  const replaced = new Set(plan.replace.map(({ name }) => name));
  const lost = wanted.bindings.filter(({ queue }) => replaced.has(queue));
  for (const { exchange, queue, routingKey } of [...plan.add.bindings, ...lost]) {
    await rabbitmq.bind(exchange, queue, routingKey);
  }
}

/** Takes away what nobody uses any more. A queue that got messages meanwhile stays, for the next deploy to say so. */
export async function removeTopology(plan: TopologyPlan, rabbitmq: Rabbitmq): Promise<void> {
  for (const binding of plan.remove.bindings) await rabbitmq.unbind(binding);
  for (const queue of plan.remove.queues) await rabbitmq.deleteQueue(queue, { ifEmpty: true });
  for (const exchange of plan.remove.exchanges) await rabbitmq.deleteExchange(exchange);
}
