import type { NomadCheck, NomadTaskGroup, NomadUpdate } from '../cluster/nomad-job.ts';
import type { Service } from '../language/model.ts';
import { nanoseconds, seconds } from './units.ts';

/**
 * Between leaving Consul and the signal to stop. The edge takes well under a second to follow (Consul's blocking query,
 * consul-template's `wait`, `nginx -t`, reload), services that look others up in Consul a little longer.
 */
export const shutdownDelay = seconds(3);

/** After `drain` a service says what it leaves unfinished, and ends by itself; this much later Nomad ends it. */
export const killMarginMs = 2000;

/**
 * A crashed instance is started again at once, on the same machine and port. One that crashes more than ten times in
 * a minute is given up there and placed anew. Nomad's own default waits 15 s before every restart.
 */
export const restartPolicy: NonNullable<NomadTaskGroup['RestartPolicy']> = {
  Attempts: 10,
  Interval: seconds(60),
  Delay: nanoseconds(250),
  Mode: 'fail',
};

/**
 * The same for a job that runs on every machine. Nomad never places a failed instance of such a job anew: it has to wait
 * and try again where it is.
 */
export const systemRestartPolicy: typeof restartPolicy = { ...restartPolicy, Mode: 'delay' };

/**
 * A process hangs when it leaves three requests in a row unanswered, 15 s in all. A machine that is short of CPU makes
 * every answer late: a restart would make it worse, so that this is slow to judge. Whoever is only late has left the
 * rotation long before, by the check of whether it is ready.
 */
export const livenessPolicy = {
  Interval: seconds(5),
  Timeout: seconds(4),
  InitialStatus: 'passing',
  FailuresBeforeCritical: 3,
} as const satisfies Partial<NomadCheck>;

/** Without end, with growing waits: a broken version must not keep the scheduler busy. 5 s is Nomad's minimum. */
export const reschedulePolicy: NonNullable<NomadTaskGroup['ReschedulePolicy']> = {
  Delay: seconds(5),
  DelayFunction: 'exponential',
  MaxDelay: seconds(60),
  Unlimited: true,
};

/**
 * For a job whose data is on one machine. While that machine is cut off nobody else can take over; without this Nomad
 * would give the instance up, and end it, healthy as it is, when the machine is back. After so long the machine counts as
 * lost: another one may have its disk by then.
 */
export const waitForMachine: NonNullable<NomadTaskGroup['Disconnect']> = {
  LostAfter: seconds(600),
  Replace: false,
  Reconnect: 'keep_original',
};

/**
 * How important a job is to the scheduler. The edge has to be on every machine: where it finds no room, Nomad moves
 * services (at the usual 50) out of its way.
 */
export const priorities = { edge: 80, state: 70 } as const;

/**
 * How a new version replaces the old one.
 *
 * - With a weighted canary: as many canaries as their share of the requests needs, promoted by the deploy.
 * - Rolling: one instance beside the old ones, promoted by Nomad as soon as it is healthy, then the rest, `parallel` at
 *   a time. The first broken instance is always an extra one.
 * - With fixed ports there is no room for an instance beside the old one, and a volume is for one writer: the old one
 *   ends before the new one starts.
 */
export function updatePolicy(service: Service, count: number): NomadUpdate {
  const { update } = service;
  const weighted = update.canaryPercent !== null;
  const canary =
    count === 0
      ? 0
      : update.canaryPercent !== null
        ? Math.max(1, Math.ceil((count * update.canaryPercent) / 100))
        : service.ports.length > 0 || service.volumes.length > 0
          ? 0
          : 1;
  return {
    MaxParallel: update.parallel,
    HealthCheck: 'checks',
    MinHealthyTime: nanoseconds(update.healthyMs),
    HealthyDeadline: nanoseconds(update.deadlineMs),
    // Must be longer than the deadline of one instance, to which the deploy reacts, and than the wait for one to end.
    ProgressDeadline: nanoseconds(Math.max(update.deadlineMs, update.drainMs + killMarginMs) + 60_000),
    AutoRevert: update.revert,
    AutoPromote: canary > 0 && !weighted,
    Canary: canary,
  };
}
