import type { Allocation } from '../cluster/nomad/allocation.ts';
import type { Deployment } from '../cluster/nomad/deployment.ts';
import { formatElapsed } from '../terminal/duration.ts';

/** What a job's instances are doing: `1 of 2 healthy, 5f3a9c21 starting, 7b1c0d2e leaving`. */
export function rolloutWords(look: {
  deployment: Deployment | null;
  fresh: readonly Allocation[];
  old: readonly Allocation[];
  blocked: unknown;
}): string {
  const fresh = look.fresh.filter(({ DesiredStatus }) => DesiredStatus === 'run');
  const healthy = fresh.filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy === true).length;
  const groups = Object.values(look.deployment?.TaskGroups ?? {});
  const total = groups.reduce((sum, group) => sum + group.DesiredTotal, 0);
  const moving = [
    ...fresh.flatMap((each) => {
      const doing = startingWords(each);
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

/** `canary 5f3a9c21 takes 10 % of requests, promoted in 8 s` */
export function bakeWords(fresh: readonly Allocation[], percent: number | null, leftMs: number): string {
  const canaries = fresh.filter(
    (each) => each.DesiredStatus === 'run' && each.DeploymentStatus?.Canary === true,
  );
  const names = canaries.map(shortId).join(', ');
  const share = percent === null ? 'serves' : `takes ${percent} % of requests`;
  return `canary ${names} ${share}, promoted in ${formatElapsed(leftMs + 999)}`;
}

/** What Nomad's own tools show of an id. */
export function shortId(allocation: { ID: string }): string {
  return allocation.ID.slice(0, 8);
}

function startingWords(allocation: Allocation): string | null {
  if (allocation.ClientStatus === 'pending') return 'placed';
  if (allocation.ClientStatus !== 'running') return allocation.ClientStatus;
  const tasks = Object.values(allocation.TaskStates ?? {});
  const restarts = tasks.reduce((sum, task) => sum + task.Restarts, 0);
  if (allocation.DeploymentStatus?.Healthy === true) return null;
  if (allocation.DeploymentStatus?.Healthy === false) return 'unhealthy';
  return restarts > 0 ? 'restarted' : 'starting';
}
