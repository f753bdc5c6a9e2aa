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
  /** The first of these that is written in the file. */
  nearest: (...paths: ModelPath[]) => Place;
}

/** Service, its Redis (`<service>-redis`), or one of the platform's jobs. */
export function subjectOf(job: string, model: Model, place: Subject['place']): Subject {
  const nearest: Subject['nearest'] = (...paths) => {
    const places = paths.map(place);
    return places.find(({ range }) => range !== null) ?? place([]);
  };
  const about = { job, model, place, nearest };
  const service = model.services[job];
  if (service !== undefined) return { ...about, service, path: ['services', job] };
  const owner = model.services[job.replace(/-redis$/, '')];
  if (owner !== undefined) return { ...about, service: owner, path: ['services', owner.name, 'redis'] };
  return { ...about, service: null, path: job === 'edge' || job === 'rabbitmq' ? [job] : ['services'] };
}

export function memoryPath({ service, path, job }: Subject): ModelPath {
  return service?.name === job ? [...path, 'memory', 'hardMiB'] : [...path, 'memoryMiB'];
}
