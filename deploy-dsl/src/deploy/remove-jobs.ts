import type { JobPlan } from '../plan/job-plan.ts';
import type { RollOut } from './roll-out.ts';
import { stopJob } from './stop-job.ts';

/** Stops jobs that the file names no more, those that are not stopped yet: services first, then what they stand on. */
export async function removeJobs(run: RollOut, removed: readonly JobPlan[]): Promise<void> {
  const left = run.journal.left().filter((job) => removed.includes(job));
  for (const kind of ['service', 'redis', 'platform'] as const) {
    const jobs = left.filter((job) => job.kind === kind);
    await Promise.all(jobs.map((job) => removeJob(run, job)));
  }
}

async function removeJob(run: RollOut, job: JobPlan): Promise<void> {
  const suffix = run.plan.clouds.length > 1 ? ` (${job.cloud})` : '';
  const step = run.progress.step(job.id + suffix);
  run.journal.begin(job);
  const { draining } = await stopJob(run, job, { step, signal: run.signal });
  run.journal.end(job);
  step.done(draining === 0 ? 'stopped' : `${draining} still drain`);
}

/** Stops jobs whose ports others wait for that they wait for themselves; the rollout starts them again. */
export async function makeWay(run: RollOut, jobs: readonly JobPlan[]): Promise<void> {
  await Promise.all(
    jobs.map(async (job) => {
      const step = run.progress.step(`${job.id} makes way`);
      run.journal.begin(job);
      const { index } = await stopJob(run, job, { step, signal: run.signal });
      run.journal.register(job, index);
      step.done('stopped');
    }),
  );
}
