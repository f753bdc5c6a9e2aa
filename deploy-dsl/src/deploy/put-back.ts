import type { LiveJob } from '../cluster/nomad/job.ts';
import type { TargetCloud } from '../cluster/target.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { revertFailed } from '../language/errors/deploy.ts';
import type { JobPlan } from '../plan/job-plan.ts';
import { cloudOf } from '../plan/plan.ts';
import { restoreTemplate } from './edge.ts';
import { makeWay } from './remove-jobs.ts';
import type { RollOut } from './roll-out.ts';
import { following } from './submit.ts';
import { type WatchOptions, watchRollout } from './watch.ts';

/**
 * Takes back what a deploy has changed so far, as a set: the routes, then every job it touched, the last one first. Secrets
 * and queues that it added stay, they harm nobody.
 *
 * @returns the jobs that were put back, and what could not be
 */
export async function putBack(
  run: RollOut,
  signal: AbortSignal,
): Promise<{ jobs: JobPlan[]; problems: Diagnostic[] }> {
  const problems: Diagnostic[] = [];
  for (const { cloud, edge } of run.plan.clouds) {
    if (edge.before !== null && edge.changes.length > 0)
      await restoreTemplate(cloudOf(run.target, cloud), edge);
  }
  const attempt = async (job: JobPlan, act: () => Promise<void>) => {
    try {
      await act();
      return job;
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      problems.push(revertFailed(job.id, job.cloud, reason));
      return null;
    }
  };
  const touched = run.journal.touched();
  const [first, last] = [touched.filter((job) => !job.makesWay), touched.filter((job) => job.makesWay)];
  // Ports are exchanged once more.
  await Promise.all(last.map((job) => attempt(job, () => makeWay({ ...run, signal }, [job]))));
  const back = (job: JobPlan) => attempt(job, () => putJobBack(run, job, signal));
  const done = [...(await Promise.all(first.map(back))), ...(await Promise.all(last.map(back)))];
  return { jobs: done.filter((job) => job !== null), problems };
}

async function putJobBack(run: RollOut, job: JobPlan, signal: AbortSignal): Promise<void> {
  const cloud = cloudOf(run.target, job.cloud);
  const { jobs } = cloud.nomad;
  const suffix = run.plan.clouds.length > 1 ? ` (${job.cloud})` : '';
  const step = run.progress.step(`${job.id}${suffix} back`);
  if (job.live === null || job.live.Stop) {
    await jobs.deregister(job.id, { purge: job.live === null });
    step.done(job.live === null ? 'removed again' : 'stopped again');
    return;
  }
  try {
    await revertJob(cloud, job.live, { step, signal });
    step.done('as before');
  } catch (error) {
    step.fail();
    throw error;
  }
}

/**
 * Goes back to an earlier version of a job, and waits until it is healthy.
 * @throws RolloutFailed when it is not
 */
export async function revertJob(cloud: TargetCloud, to: LiveJob, watch: WatchOptions): Promise<void> {
  const { jobs } = cloud.nomad;
  const now = await jobs.get(to.ID);
  // A version more ends the rollout of the one before it. Nomad may have gone back by itself: then the same again makes no
  // new version, and its own rollout goes on.
  if (now !== null && now.Version !== to.Version) await jobs.revert(to.ID, to.Version);
  const live = await jobs.get(to.ID);
  // No bake: a canary of the way back is promoted as soon as it is healthy.
  if (live !== null) await watchRollout(following(to, live, cloud), watch);
}
