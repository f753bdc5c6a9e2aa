import type { LiveJob } from '../cluster/nomad/job.ts';
import type { TargetCloud } from '../cluster/target.ts';
import type { JobPlan } from '../plan/job-plan.ts';

/** Fixed ports that go from one job to another within a deploy. */

/** Jobs of the same cloud whose change gives up a fixed port that this one newly takes. */
export function giversTo(job: JobPlan, jobs: readonly JobPlan[]): JobPlan[] {
  if (job.spec === null) return [];
  const before = portsBefore(job);
  const taken = new Set(portsOf(job.spec).filter((port) => !before.includes(port)));
  return jobs.filter((other) => other !== job && givenUp(other).some((port) => taken.has(port)));
}

/** Whether an instance of one of these jobs as it was before the deploy is still there, and has its ports. */
export async function anyHasFormerInstance(
  cloud: TargetCloud,
  jobs: readonly JobPlan[],
  signal: AbortSignal,
): Promise<boolean> {
  return (await Promise.all(jobs.map((job) => hasFormerInstance(cloud, job, signal)))).includes(true);
}

async function hasFormerInstance(
  { nomad }: TargetCloud,
  { id, live }: JobPlan,
  signal: AbortSignal,
): Promise<boolean> {
  if (live === null) return false;
  const allocations = await nomad.jobs.allocations(id, { signal });
  return allocations.some(
    ({ JobVersion, ClientStatus }) =>
      (JobVersion ?? 0) <= live.Version && (ClientStatus === 'running' || ClientStatus === 'pending'),
  );
}

function givenUp(job: JobPlan): number[] {
  if (job.action === 'none') return [];
  const after = new Set(job.spec === null ? [] : portsOf(job.spec));
  return portsBefore(job).filter((port) => !after.has(port));
}

const portsBefore = ({ live }: JobPlan): number[] => (live === null || live.Stop ? [] : portsOf(live));

function portsOf({
  TaskGroups,
}: {
  TaskGroups: Pick<LiveJob['TaskGroups'][number], 'Networks'>[];
}): number[] {
  const networks = TaskGroups.flatMap(({ Networks }) => Networks ?? []);
  return networks.flatMap(({ ReservedPorts }) => (ReservedPorts ?? []).map(({ Value }) => Value));
}
