import type { Model } from '../language/model.ts';
import type { CloudPlan } from './plan.ts';

/** Connections to RabbitMQ: services that use queues × their instances × the pool of each. */
export interface ConnectionsPlan {
  before: number;
  after: number;
  /** What the server admits. */
  limit: number;
}

/** What a live job of the same name opens is taken from the file: only its instances are live. */
export function planConnections(model: Model, clouds: readonly Pick<CloudPlan, 'jobs'>[]): ConnectionsPlan {
  const { pool, connections } = model.rabbitmq;
  let [before, after] = [0, 0];
  for (const { jobs } of clouds) {
    for (const job of jobs) {
      const service =
        job.kind === 'service' && job.service !== null ? model.services[job.service] : undefined;
      if (service === undefined || service.publishes.length + service.consumes.length === 0) continue;
      before += job.instances.before * pool;
      after += job.instances.after * pool;
    }
  }
  return { before, after, limit: connections };
}
