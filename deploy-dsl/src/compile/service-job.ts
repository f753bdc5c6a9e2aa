import type { NomadCheck, NomadJob, NomadTask, NomadTaskGroup } from '../cluster/nomad-job.ts';
import type { Instances, Service } from '../language/model.ts';
import { placement } from './placement.ts';
import {
  killMarginMs,
  livenessPolicy,
  reschedulePolicy,
  restartPolicy,
  shutdownDelay,
  updatePolicy,
} from './policies.ts';
import { network } from './ports.ts';
import { redisCacheTask } from './redis.ts';
import { dollarMeta, hasReference } from './runtime.ts';
import { scaling } from './scaling.ts';
import { secretTemplates } from './secrets.ts';
import { hasQueues, type Program, serviceVariables } from './service-variables.ts';
import type { Place } from './settings.ts';
import { nanoseconds } from './units.ts';
import { volumeMounts, volumeRequests } from './volumes.ts';

/** Tag of the instances that take the ordinary share of the requests, and of those of a weighted canary. */
export const tags = { stable: 'stable', canary: 'canary' } as const;

/**
 * The Nomad job of a service in one cloud.
 *
 * @param program what is started: an image, or the build of a folder
 */
export function serviceJob(service: Service, instances: Instances, program: Program, place: Place): NomadJob {
  const weighted = service.update.canaryPercent !== null;
  const cache = service.redis !== null && !service.redis.persistent ? service.redis : null;
  const volumes = volumeRequests(service, place);
  const group: NomadTaskGroup = {
    Name: service.name,
    Count: instances.min,
    ...scaling(instances),
    Networks: [network(cache === null ? ['http'] : ['http', 'redis'], service.ports)],
    Services: [
      {
        Name: service.name,
        Provider: 'consul',
        PortLabel: 'http',
        Tags: [tags.stable],
        // Without a weight the first new instance takes its share like any other.
        ...(weighted ? { CanaryTags: [tags.canary] } : {}),
        Checks: [readiness(service), ...liveness(service)],
      },
    ],
    ShutdownDelay: shutdownDelay,
    RestartPolicy: restartPolicy,
    ReschedulePolicy: reschedulePolicy,
    ...(volumes === null ? {} : { Volumes: volumes }),
    Tasks: [mainTask(service, program, place), ...(cache === null ? [] : [redisCacheTask(cache, place)])],
  };
  return {
    ID: service.name,
    Name: service.name,
    Type: 'service',
    Region: place.cloud,
    Datacenters: [place.cloud],
    Meta: {
      tandem_environment: place.environment,
      tandem_service: service.name,
      tandem_version: program.version,
      ...(Object.values(service.env).some(hasReference) ? { [dollarMeta]: '$' } : {}),
    },
    ...placement(place, service.class, service.spread),
    Update: updatePolicy(service, instances.min, place),
    TaskGroups: [group],
  };
}

/** One failed check may be a pause of the garbage collector; three in a row take the instance out of rotation. */
function readiness(service: Service): NomadCheck {
  return {
    Name: `${service.name} ready`,
    Type: 'http',
    Path: service.health.path,
    Interval: nanoseconds(service.health.intervalMs),
    Timeout: nanoseconds(service.health.timeoutMs),
    FailuresBeforeCritical: 3,
  };
}

/**
 * Restarts a process that hangs. Taken for alive until the opposite is seen, so that a new instance does not wait for this
 * check, and never restarted while it may still be starting.
 */
function liveness({ name, health, update }: Service): NomadCheck[] {
  if (health.live === null) return [];
  return [
    {
      Name: `${name} alive`,
      Type: 'http',
      Path: health.live,
      ...livenessPolicy,
      TaskName: name,
      CheckRestart: { Limit: 1, Grace: nanoseconds(update.deadlineMs) },
    },
  ];
}

/**
 * Nomad gives a changed health check to every instance at once: with a wrong path in it, all of them would leave the edge
 * together. What the check asks is thus a part of the task, so that its change is rolled out like a new version.
 */
function healthMeta({ health }: Service): Record<string, string> {
  return { tandem_health: health.path, ...(health.live === null ? {} : { tandem_live: health.live }) };
}

function mainTask(service: Service, program: Program, place: Place): NomadTask {
  const { softMiB, hardMiB } = service.memory;
  const templates = secretTemplates(service, hasQueues(service), place);
  return {
    Name: service.name,
    Driver: place.driver,
    Config: program.config,
    Meta: healthMeta(service),
    Env: serviceVariables(service, program, place),
    ...(templates.length > 0 ? { Templates: templates } : {}),
    Resources: {
      CPU: service.cpuMHz,
      MemoryMB: softMiB,
      ...(hardMiB > softMiB ? { MemoryMaxMB: hardMiB } : {}),
    },
    ...volumeMounts(service, place),
    LogConfig: { MaxFiles: 5, MaxFileSizeMB: 10 },
    KillTimeout: nanoseconds(service.update.drainMs + killMarginMs),
    KillSignal: 'SIGTERM',
  };
}
