import type { Target } from '../cluster/target.ts';
import type { Model } from '../language/model.ts';
import { type InstanceState, type JobState, readCloud } from './state.ts';

/** A job over all clouds: one line of the status. */
export interface StatusRow {
  /** Job in Nomad: the service, `<service>-redis`, `edge`, `rabbitmq`. */
  job: string;
  kind: 'service' | 'redis' | 'platform' | 'unknown';
  /** Owner; null for the platform's own, and for jobs that the file does not know (any more). */
  service: string | null;
  /** By cloud, in rollout order; only clouds that have it or should. */
  clouds: JobState[];
}

export interface Status {
  environment: string;
  rows: StatusRow[];
  /** Everything that the file wants runs, and is healthy. */
  healthy: boolean;
}

/**
 * What runs of an environment, compared with what its file names.
 *
 * @throws ClusterError when the Nomad or Consul of a cloud cannot be asked
 */
export async function readStatus(
  model: Model,
  target: Target,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Status> {
  const states = await Promise.all(
    target.clouds.map((cloud) =>
      readCloud(cloud, model.environment, expectedJobs(model, cloud.name), options),
    ),
  );
  const jobs = states.flat();
  const rows = orderedIds(model, jobs).map((job) => ({
    job,
    ...kindOf(model, job),
    clouds: jobs.filter(({ id }) => id === job),
  }));
  const healthy = rows.every(
    (row) => row.kind === 'unknown' || row.clouds.every(({ state }) => state === 'healthy'),
  );
  return { environment: model.environment, rows, healthy };
}

export function instancesOf(row: StatusRow): InstanceState[] {
  return row.clouds.flatMap((cloud) => cloud.instances);
}

/** Jobs that a cloud should have: its services with their persistent Redis, the edge, RabbitMQ where events are used. */
export function expectedJobs(model: Model, cloud: string): string[] {
  const services = Object.values(model.services).filter(
    (service) => (service.instances[cloud]?.max ?? 0) > 0,
  );
  const usesQueues = services.some(({ publishes, consumes }) => publishes.length + consumes.length > 0);
  return [
    ...services.flatMap(({ name, redis }) => (redis?.persistent === true ? [name, `${name}-redis`] : [name])),
    ...(usesQueues ? ['rabbitmq'] : []),
    'edge',
  ];
}

export function kindOf(model: Model, job: string): Pick<StatusRow, 'kind' | 'service'> {
  if (model.services[job] !== undefined) return { kind: 'service', service: job };
  const owner = job.endsWith('-redis') ? job.slice(0, -'-redis'.length) : '';
  if (model.services[owner]?.redis?.persistent === true) return { kind: 'redis', service: owner };
  if (job === 'edge' || job === 'rabbitmq') return { kind: 'platform', service: null };
  return { kind: 'unknown', service: null };
}

/** Services as in the file, each with its Redis below it; then the platform; then what the file does not know. */
function orderedIds(model: Model, jobs: readonly JobState[]): string[] {
  const there = new Set(jobs.map(({ id }) => id));
  const wanted = [
    ...Object.keys(model.services).flatMap((name) => [name, `${name}-redis`]),
    'edge',
    'rabbitmq',
  ];
  return [...new Set([...wanted.filter((id) => there.has(id)), ...there])];
}
