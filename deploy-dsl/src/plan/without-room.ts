import type { JobPlan } from './job-plan.ts';
import { giversTo } from './port-handover.ts';

/**
 * Jobs of a cloud that will find no room: none is there now, and nothing is given up at the same time, so that there will be
 * none in a minute. A deploy is refused.
 */
export function withoutRoom(jobs: readonly JobPlan[]): JobPlan[] {
  const givesUp = jobs.some(({ effect, action }) => action === 'remove' || effect.stopped > 0);
  if (givesUp) return [];
  return jobs.filter(
    (job) =>
      job.action !== 'none' &&
      Object.keys(job.placementFailures).length > 0 &&
      giversTo(job, jobs).length === 0,
  );
}
