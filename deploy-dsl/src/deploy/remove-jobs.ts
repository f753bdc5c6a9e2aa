import { setTimeout as sleep } from 'node:timers/promises';
import type { JobPlan } from '../plan/job-plan.ts';
import { cloudOf } from '../plan/plan.ts';
import type { RollOut } from './roll-out.ts';

/** A service may drain for longer; Nomad sees to it, and the deploy need not wait. */
const patienceMs = 60_000;

/** Stops jobs that the file names no more, those that are not stopped yet: services first, then what they stand on. */
export async function removeJobs(run: RollOut, removed: readonly JobPlan[]): Promise<void> {
  const left = run.journal.left().filter((job) => removed.includes(job));
  for (const kind of ['service', 'redis', 'platform'] as const) {
    const jobs = left.filter((job) => job.kind === kind);
    await Promise.all(jobs.map((job) => removeJob(run, job)));
  }
}

async function removeJob(run: RollOut, job: JobPlan): Promise<void> {
  const { nomad } = cloudOf(run.target, job.cloud);
  const { signal } = run;
  const suffix = run.plan.clouds.length > 1 ? ` (${job.cloud})` : '';
  const step = run.progress.step(job.id + suffix);
  run.journal.begin(job);
  // Without purge: Nomad keeps its versions and logs for a while, so that it can be put back and looked at.
  await nomad.jobs.deregister(job.id, { signal });
  const until = Date.now() + patienceMs;
  for (;;) {
    const there = (await nomad.jobs.allocations(job.id, { signal })).filter(
      ({ ClientStatus }) => ClientStatus === 'running' || ClientStatus === 'pending',
    );
    if (there.length === 0 || Date.now() > until) {
      run.journal.end(job);
      step.done(there.length === 0 ? 'stopped' : `${there.length} still drain`);
      return;
    }
    step.update(`${there.length} leaving`);
    await sleep(run.pollMs, undefined, { signal });
  }
}
