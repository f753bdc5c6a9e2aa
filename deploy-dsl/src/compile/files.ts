import type { Compiled } from './compiled.ts';
import { definitions } from './definitions.ts';
import { formatJob } from './format.ts';

/**
 * The compiled environment as files, by path: `<cloud>/<job>.nomad.json`, `<cloud>/edge.nginx.ctmpl` (what goes to Consul)
 * and `rabbitmq.json` (exchanges, queues and bindings, as RabbitMQ's own definitions).
 */
export function compiledFiles(compiled: Compiled): Map<string, string> {
  const files = compiled.clouds.flatMap(({ name, jobs, edgeTemplate }): [string, string][] => [
    ...jobs.map((job): [string, string] => [`${name}/${job.spec.ID}.nomad.json`, formatJob(job.spec)]),
    [`${name}/edge.nginx.ctmpl`, edgeTemplate],
  ]);
  return new Map([...files, ['rabbitmq.json', definitions(compiled.topology)]]);
}
