import type { NomadCheck, NomadTaskGroup, NomadUpdate } from '../cluster/nomad-job.ts';
import type { Service } from '../language/model.ts';
import type { Place } from './settings.ts';
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
 * rotation long before, by the check of whether it is ready. Asked often nevertheless: Consul takes the very first failure
 * for critical, and an instance that was asked before it listened would wait for the next question.
 */
export const livenessPolicy = {
  Interval: seconds(1),
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

/** Up to so many instances, all the new ones start beside the old ones: one of three that leaves first would be missed. */
const surgeAtMost = 3;

/**
 * How a new version replaces the old one.
 *
 * - Up to three instances: all the new ones start beside the old ones, which leave when the new ones are healthy.
 * - More: one of them, or with a weighted canary as many as its share of the requests needs; then the rest, `parallel` at a
 *   time. The first broken instance is always an extra one.
 *
 * Nomad promotes them as soon as they are healthy; a weighted canary is promoted by the deploy.
 */
export function updatePolicy(service: Service, count: number, place: Place): NomadUpdate {
  const { update } = service;
  const canary = canariesOf(service, count, place);
  return {
    MaxParallel: update.parallel,
    HealthCheck: 'checks',
    MinHealthyTime: nanoseconds(update.healthyMs),
    HealthyDeadline: nanoseconds(update.deadlineMs),
    // Must be longer than the deadline of one instance, to which the deploy reacts, and than the wait for one to end.
    ProgressDeadline: nanoseconds(Math.max(update.deadlineMs, update.drainMs + killMarginMs) + 60_000),
    AutoRevert: update.revert,
    AutoPromote: canary > 0 && update.canaryPercent === null,
    Canary: canary,
  };
}

/**
 * New instances that run beside all the old ones. A volume is for one writer, and one port of a machine for one instance,
 * unless they share it: there the old one ends before the new one starts, but for a weighted canary on machines that are free.
 */
function canariesOf(
  { update, ports, volumes, class: nodeClass }: Service,
  count: number,
  place: Place,
): number {
  if (count === 0 || volumes.length > 0) return 0;
  const percent = update.canaryPercent;
  const share = Math.max(1, Math.ceil((count * (percent ?? 0)) / 100));
  if (ports.every(({ shared }) => shared)) return count <= surgeAtMost ? count : share;
  if (percent === null) return 0;
  const machines = place.local ? 1 : place.nodes?.[nodeClass]?.count;
  return machines === undefined ? share : Math.min(share, Math.max(0, machines - count));
}
