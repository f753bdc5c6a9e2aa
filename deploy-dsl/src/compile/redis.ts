import type { NomadJob, NomadTask } from '../cluster/nomad-job.ts';
import type { RedisSettings, Service } from '../language/model.ts';
import { images, nodeMeta } from './assumptions.ts';
import { placement } from './placement.ts';
import { priorities, reschedulePolicy, restartPolicy, waitForMachine } from './policies.ts';
import { network } from './ports.ts';
import { runtime } from './runtime.ts';
import type { Place } from './settings.ts';
import { seconds } from './units.ts';

/** CPU (MHz) that Nomad sets aside; a Redis of this size is idle nearly always, and may use more. */
const cpuMHz = 50;

/** Name in Consul, and ID of the job, of a service's persistent Redis. */
export const redisJobName = (service: string): string => `${service}-redis`;

/**
 * A cache beside one instance, on the loopback address of its machine. It holds nothing that may not be lost: when it is
 * full the least recently used keys go.
 */
export function redisCacheTask(redis: RedisSettings, place: Place): NomadTask {
  const options = [
    ...listen('127.0.0.1'),
    ...memory(redis, 'allkeys-lru'),
    ...['--save', '', '--appendonly', 'no'],
  ];
  return {
    Name: 'redis',
    ...program(options, place, runtime('NOMAD_TASK_DIR')),
    // Up before the service, and up again after a crash, without the service being touched.
    Lifecycle: { Hook: 'prestart', Sidecar: true },
    Resources: resources(redis),
    LogConfig: { MaxFiles: 2, MaxFileSizeMB: 5 },
    KillTimeout: seconds(5),
    KillSignal: 'SIGTERM',
  };
}

/**
 * The one Redis that holds a service's state in a cloud: every write goes to the append-only file, flushed once a second,
 * and when it is full writes fail rather than data go.
 */
export function persistentRedisJob(service: Service, redis: RedisSettings, place: Place): NomadJob {
  const name = redisJobName(service.name);
  const raw = place.driver === 'raw_exec';
  const folder = raw ? `${nodeMeta.data}/${name}` : '/data';
  const options = [
    ...listen(runtime('NOMAD_IP_redis')),
    ...memory(redis, 'noeviction'),
    ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec', '--dir', folder],
  ];
  return {
    ID: name,
    Name: name,
    Type: 'service',
    Priority: priorities.state,
    Region: place.cloud,
    Datacenters: [place.cloud],
    Meta: { tandem_environment: place.environment, tandem_service: service.name },
    ...placement(place, 'default', null),
    Update: {
      MaxParallel: 1,
      HealthCheck: 'checks',
      MinHealthyTime: seconds(1),
      HealthyDeadline: seconds(120),
      ProgressDeadline: seconds(180),
      AutoRevert: false,
      AutoPromote: false,
      // Never two at once on the same append-only file.
      Canary: 0,
    },
    TaskGroups: [
      {
        Name: name,
        Count: 1,
        Networks: [network(['redis'])],
        Services: [
          {
            Name: name,
            Provider: 'consul',
            PortLabel: 'redis',
            Tags: ['redis'],
            Checks: [{ Name: `${name} accepts`, Type: 'tcp', Interval: seconds(2), Timeout: seconds(1) }],
          },
        ],
        RestartPolicy: restartPolicy,
        ReschedulePolicy: reschedulePolicy,
        Disconnect: waitForMachine,
        ...(raw ? {} : { Volumes: { data: { Name: 'data', Type: 'host', Source: name, ReadOnly: false } } }),
        Tasks: [
          {
            Name: 'redis',
            ...program(options, place, folder),
            Resources: resources(redis),
            ...(raw ? {} : { VolumeMounts: [{ Volume: 'data', Destination: '/data', ReadOnly: false }] }),
            LogConfig: { MaxFiles: 2, MaxFileSizeMB: 5 },
            // Time to flush the append-only file.
            KillTimeout: seconds(30),
            KillSignal: 'SIGTERM',
          },
        ],
      },
    ],
  };
}

const listen = (address: string): string[] => [
  ...['--bind', address, '--port', runtime('NOMAD_PORT_redis')],
  // Protected mode only knows loopback; who may reach the port in a cloud is decided by its firewall.
  ...['--protected-mode', 'no'],
];

/** Three quarters hold data; the rest is Redis' own, its buffers and what a rewrite of the file copies. */
const memory = (redis: RedisSettings, policy: 'noeviction' | 'allkeys-lru'): string[] => [
  ...['--maxmemory', `${Math.floor(redis.memoryMiB * 0.75)}mb`, '--maxmemory-policy', policy],
];

/** Memory may double for a moment, while a fork rewrites the append-only file. */
const resources = (redis: RedisSettings): NomadTask['Resources'] => ({
  CPU: cpuMHz,
  MemoryMB: redis.memoryMiB,
  MemoryMaxMB: redis.memoryMiB * 2,
});

function program(options: string[], place: Place, folder: string): Pick<NomadTask, 'Driver' | 'Config'> {
  if (place.driver === 'docker') {
    return {
      Driver: 'docker',
      Config: { image: images.redis, network_mode: 'host', command: 'redis-server', args: options },
    };
  }
  return {
    Driver: 'raw_exec',
    Config: {
      command: 'sh',
      args: ['-c', 'mkdir -p "$0" && cd "$0" && exec redis-server "$@"', folder, ...options],
    },
  };
}
