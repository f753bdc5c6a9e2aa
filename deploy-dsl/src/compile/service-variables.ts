import type { Service } from '../language/model.ts';
import { cloudRabbitmqUser, localRabbitmqAccount, nodeMeta, platformPorts } from './assumptions.ts';
import { portVariables } from './ports.ts';
import { processVariables } from './process-variables.ts';
import { queueNames } from './queues.ts';
import { redisJobName } from './redis.ts';
import { literal, plain, runtime } from './runtime.ts';
import { fileVariable, secretVariables } from './secrets.ts';
import type { Place } from './settings.ts';
import { volumeFolders, volumeVariables } from './volumes.ts';

/** What a service's task starts. */
export interface Program {
  /** The task's `Config`, as its driver wants it. */
  config: Record<string, unknown>;
  /** What the service is told it is: the file's version, else the digest of its build. */
  version: string;
}

/** Started where the file names no command for a service without an image. */
const standardCommand = ['node', 'src/main.ts'];

/** Stands for the digest of a folder that was not built: for looking at a compiled job, never for running it. */
const unbuilt = 'unbuilt';

/**
 * @param build digest of the service's folder; undefined where it has an image
 */
export function programOf(service: Service, build: string | undefined, place: Place): Program {
  const words = service.command?.map(literal) ?? null;
  if (service.image !== null) {
    const [command, ...args] = words ?? [];
    return {
      config: {
        image: service.image,
        network_mode: 'host',
        // A first process that hears SIGTERM from its first moment on, and buries what the program leaves behind.
        init: true,
        ...(command === undefined ? {} : { command, args }),
      },
      version: service.version ?? unbuilt,
    };
  }
  const digest = build ?? unbuilt;
  return {
    config: {
      ...processOf(words ?? standardCommand, volumeFolders(service, place)),
      work_dir: `${nodeMeta.builds}/${service.name}-${digest}/service`,
    },
    version: service.version ?? digest,
  };
}

/** The environment of a service: where to listen, who it is, where its neighbours and secrets are. */
export function serviceVariables(service: Service, program: Program, place: Place): Record<string, string> {
  return {
    ...processVariables(service, place),
    // Before the rest, so that none of the platform's own can be overridden by accident.
    ...Object.fromEntries(Object.entries(service.env).map(([name, value]) => [name, plain(value)])),
    HOST: runtime('NOMAD_IP_http'),
    PORT: runtime('NOMAD_PORT_http'),
    SERVICE_NAME: service.name,
    SERVICE_VERSION: program.version,
    ENVIRONMENT: place.environment,
    CLOUD: place.cloud,
    ...(place.publicUrl === null ? {} : { PUBLIC_URL: place.publicUrl }),
    ...(place.local || service.ports.length === 0 ? {} : { PUBLIC_ADDRESS: nodeMeta.publicAddress }),
    SHUTDOWN_TIMEOUT_MS: String(service.update.drainMs),
    CONSUL_HTTP_ADDR: `http://127.0.0.1:${platformPorts.consul + place.portOffset}`,
    ...redisVariables(service),
    ...queueVariables(service, place),
    ...secretVariables(service),
    ...portVariables(service.ports),
    ...volumeVariables(service, place),
  };
}

export const hasQueues = (service: Service): boolean =>
  service.publishes.length > 0 || service.consumes.length > 0;

/** A cache is beside the instance at a known address; a persistent Redis moves, and is looked up in Consul by name. */
function redisVariables(service: Service): Record<string, string> {
  if (service.redis === null) return {};
  return service.redis.persistent
    ? { REDIS_SERVICE: redisJobName(service.name) }
    : { REDIS_URL: `redis://127.0.0.1:${runtime('NOMAD_PORT_redis')}` };
}

/**
 * How a service reaches RabbitMQ (looked up in Consul by name), and its queues as JSON:
 * `[{ queue, events, prefetch, retries: [queue, …], dead }]`, the retry queues in the order of the attempts.
 */
function queueVariables(service: Service, place: Place): Record<string, string> {
  if (!hasQueues(service)) return {};
  const queues = service.consumes.map((consume) => {
    const { queue, retries, dead } = queueNames(consume);
    return { queue, events: consume.events, prefetch: consume.prefetch, retries, dead };
  });
  return {
    RABBITMQ_SERVICE: 'rabbitmq',
    RABBITMQ_USER: place.local ? localRabbitmqAccount.user : cloudRabbitmqUser,
    ...Object.fromEntries([fileVariable('rabbitmq-password')]),
    ...(queues.length > 0 ? { QUEUES: JSON.stringify(queues) } : {}),
  };
}

/** A process needs the folders of its volumes made first; a container has them mounted. */
function processOf(command: string[], folders: string[]): { command: string; args: string[] } {
  const [program = 'node', ...args] = command;
  if (folders.length === 0) return { command: program, args };
  const make = folders.map((_, index) => `"$${index + 1}"`).join(' ');
  return {
    command: 'sh',
    args: ['-c', `mkdir -p ${make} && shift ${folders.length} && exec "$@"`, 'sh', ...folders, ...command],
  };
}
