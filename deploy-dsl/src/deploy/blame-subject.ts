import type { Place } from '../language/errors/define.ts';
import type { Model, Service } from '../language/model.ts';
import type { ModelPath } from '../language/origins.ts';

/** Whose job it is, and how to point at its lines. */
export interface Subject {
  job: string;
  /** Null for the platform's own jobs. */
  service: Service | null;
  /** Path of the service, of its Redis, or of the platform's part in the model. */
  path: ModelPath;
  model: Model;
  place: (path: ModelPath) => Place;
}

/** Service, its Redis (`<service>-redis`), or one of the platform's jobs. */
export function subjectOf(job: string, model: Model, place: Subject['place']): Subject {
  const service = model.services[job];
  if (service !== undefined) return { job, service, path: ['services', job], model, place };
  const owner = model.services[job.replace(/-redis$/, '')];
  if (owner !== undefined)
    return { job, service: owner, path: ['services', owner.name, 'redis'], model, place };
  const platform = job === 'edge' || job === 'rabbitmq' ? [job] : ['services'];
  return { job, service: null, path: platform, model, place };
}

export function memoryPath({ service, path, job }: Subject): ModelPath {
  return service?.name === job ? [...path, 'memory', 'hardMiB'] : [...path, 'memoryMiB'];
}
