import type { Allocation } from '../cluster/nomad/allocation.ts';
import type { Deployment } from '../cluster/nomad/deployment.ts';
import { formatElapsed } from '../terminal/duration.ts';

interface Look {
  deployment: Deployment | null;
  fresh: readonly Allocation[];
  old: readonly Allocation[];
  blocked: unknown;
}

/**
 * What a job's instances are doing: `1 of 2 healthy, 5f3a9c21 starting, 7b1c0d2e leaving`.
 *
 * @param startedAt when the rollout began, ms since 1970: older instances are updated in place
 */
export function rolloutWords(look: Look, startedAt: number): string {
  const fresh = look.fresh.filter(({ DesiredStatus }) => DesiredStatus === 'run');
  const healthy = fresh.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === true).length;
  const groups = Object.values(look.deployment?.TaskGroups ?? {});
  const total = groups.reduce((sum, group) => sum + group.DesiredTotal, 0);
  const moving = [
    ...fresh.flatMap((each) => {
      const doing = startingWords(each, startedAt);
      return doing === null ? [] : [`${shortId(each)} ${doing}`];
    }),
    ...look.old
      .filter(({ DesiredStatus }) => DesiredStatus === 'stop')
      .map((each) => `${shortId(each)} leaving`),
  ];
  if (look.blocked !== null) moving.push('waits for room on a node');
  const shown = moving.length <= 4 ? moving : [...moving.slice(0, 3), `${moving.length - 3} more`];
  const count = total === 0 ? [] : [`${healthy} of ${total} healthy`];
  return [...count, ...shown].join(', ') || 'submitted';
}

/** `canary 5f3a9c21 takes 10 % of requests, promoted in 8 s`, or `canary 5f3a9c21, 7b1c0d2e takes …`: together. */
export function bakeWords(fresh: readonly Allocation[], percent: number | null, leftMs: number): string {
  const canaries = fresh.filter(
    (each) => each.DesiredStatus === 'run' && each.DeploymentStatus?.Canary === true,
  );
  const names = canaries.map(shortId).join(', ');
  const share = percent === null ? 'serves' : `takes ${percent} % of requests`;
  return `canary ${names} ${share}, promoted in ${formatElapsed(leftMs + 999)}`;
}

/** By how much the clock of a server may differ from ours. */
const clockSkewMs = 5_000;

/** It was there before the rollout began, so that it is updated in place. */
export function isOlderThan(startedAt: number, allocation: Allocation): boolean {
  return allocation.CreateTime / 1e6 < startedAt - clockSkewMs;
}

/** What Nomad's own tools show of an id. */
export function shortId(allocation: { ID: string }): string {
  return allocation.ID.slice(0, 8);
}

function startingWords(allocation: Allocation, startedAt: number): string | null {
  if (allocation.ClientStatus === 'pending') return 'placed';
  if (allocation.ClientStatus !== 'running') return allocation.ClientStatus;
  const tasks = Object.values(allocation.TaskStates ?? {});
  const restarts = tasks.reduce((sum, task) => sum + task.Restarts, 0);
  if (allocation.DeploymentStatus?.Healthy === true) return null;
  if (allocation.DeploymentStatus?.Healthy === false) return 'unhealthy';
  if (restarts > 0) return 'restarted';
  return isOlderThan(startedAt, allocation) ? 'updated in place' : 'starting';
}
