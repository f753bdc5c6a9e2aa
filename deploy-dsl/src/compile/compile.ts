import type { Cloud, Model, Service } from '../language/model.ts';
import type { Compiled, CompiledCloud, CompiledJob } from './compiled.ts';
import { publicUrl } from './edge/listen.ts';
import { edgeTemplate } from './edge/template.ts';
import { edgeJob } from './platform/edge-job.ts';
import { rabbitmqJob } from './platform/rabbitmq-job.ts';
import { persistentRedisJob, redisJobName } from './redis.ts';
import { serviceJob } from './service-job.ts';
import { hasQueues, programOf } from './service-variables.ts';
import type { CompileSettings, Place } from './settings.ts';
import { startOrder } from './start-order.ts';
import { topologyOf } from './topology.ts';

/**
 * Everything an environment needs in its clusters: a pure function, the same output for the same input to the byte.
 *
 * @param builds digest of the folder of each service that runs from the working tree
 */
export function compile(
  model: Model,
  builds: ReadonlyMap<string, string>,
  settings: CompileSettings = {},
): Compiled {
  return {
    environment: model.environment,
    clouds: model.clouds.map((cloud) => compileCloud(model, cloud, builds, settings)),
    topology: topologyOf(model),
  };
}

function compileCloud(
  model: Model,
  cloud: Cloud,
  builds: ReadonlyMap<string, string>,
  settings: CompileSettings,
): CompiledCloud {
  const place: Place = {
    environment: model.environment,
    local: model.local,
    driver: model.driver,
    cloud: cloud.name,
    nodes: cloud.nodes,
    portOffset: settings.portOffset ?? 0,
    publicUrl: publicUrl(model, settings),
  };
  const services = Object.values(model.services).filter((service) => service.instances[cloud.name]);
  const here = new Set(services.map((service) => service.name));
  const jobs = [
    platformJob(rabbitmqJob(model, place), 'rabbitmq'),
    platformJob(edgeJob(model, place), 'edge'),
    ...services.flatMap((service) => jobsOf(service, builds, place, here)),
  ];
  return { name: cloud.name, jobs: startOrder(jobs), edgeTemplate: edgeTemplate(model, place) };
}

const platformJob = (spec: CompiledJob['spec'], origin: string): CompiledJob => ({
  spec,
  kind: 'platform',
  service: null,
  needs: [],
  origin: [origin],
});

/** @param here the services of this cloud; a need that runs elsewhere only cannot be waited for */
function jobsOf(
  service: Service,
  builds: ReadonlyMap<string, string>,
  place: Place,
  here: ReadonlySet<string>,
): CompiledJob[] {
  const instances = service.instances[place.cloud];
  if (instances === undefined) return [];
  const origin = ['services', service.name];
  const program = programOf(service, builds.get(service.name), place);
  const redis = service.redis?.persistent ? service.redis : null;
  const needs = [
    ...(redis === null ? [] : [redisJobName(service.name)]),
    ...(hasQueues(service) ? ['rabbitmq'] : []),
    ...service.needs.filter((name) => here.has(name)),
  ];
  const job: CompiledJob = {
    spec: serviceJob(service, instances, program, place),
    kind: 'service',
    service: service.name,
    needs,
    origin,
  };
  if (redis === null) return [job];
  return [
    {
      spec: persistentRedisJob(service, redis, place),
      kind: 'redis',
      service: service.name,
      needs: [],
      origin: [...origin, 'redis'],
    },
    job,
  ];
}
