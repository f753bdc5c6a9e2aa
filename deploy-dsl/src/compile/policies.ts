import type { NomadTaskGroup, NomadUpdate } from '../cluster/nomad-job.ts';
import type { Service } from '../language/model.ts';
import { nanoseconds, seconds } from './units.ts';

/**
 * Between leaving Consul and the signal to stop. The edge takes well under a second to follow (Consul's blocking query,
 * consul-template's `wait`, `nginx -t`, reload), services that look others up in Consul a little longer.
 */
export const shutdownDelay = seconds(3);

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

/** Without end, with growing waits: a broken version must not keep the scheduler busy. 5 s is Nomad's minimum. */
export const reschedulePolicy: NonNullable<NomadTaskGroup['ReschedulePolicy']> = {
  Delay: seconds(5),
  DelayFunction: 'exponential',
  MaxDelay: seconds(60),
  Unlimited: true,
};

/**
 * How a new version replaces the old one.
 *
 * - With a weighted canary: as many canaries as their share of the requests needs, promoted by the deploy.
 * - Rolling: one instance beside the old ones, promoted by Nomad as soon as it is healthy, then the rest, `parallel` at
 *   a time. The first broken instance is always an extra one.
 * - With fixed ports there is no room for an instance beside the old one: replaced in place.
 */
export function updatePolicy(service: Service, count: number): NomadUpdate {
  const { update } = service;
  const weighted = update.canaryPercent !== null;
  const canary =
    count === 0
      ? 0
      : update.canaryPercent !== null
        ? Math.max(1, Math.ceil((count * update.canaryPercent) / 100))
        : service.ports.length > 0
          ? 0
          : 1;
  return {
    MaxParallel: update.parallel,
    HealthCheck: 'checks',
    MinHealthyTime: nanoseconds(update.healthyMs),
    HealthyDeadline: nanoseconds(update.deadlineMs),
    // Must be longer than the deadline of one instance; the deploy reacts to that one.
    ProgressDeadline: nanoseconds(update.deadlineMs + 60_000),
    AutoRevert: update.revert,
    AutoPromote: canary > 0 && !weighted,
    Canary: canary,
  };
}
