import { isThere } from '../cluster/nomad/allocation.ts';
import type { TargetCloud } from '../cluster/target.ts';
import type { JobPlan } from '../plan/job-plan.ts';

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
  return allocations.some((each) => (each.JobVersion ?? 0) <= live.Version && isThere(each));
}
