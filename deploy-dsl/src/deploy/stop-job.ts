import { setTimeout as sleep } from 'node:timers/promises';
import { isThere } from '../cluster/nomad/allocation.ts';
import type { JobPlan } from '../plan/job-plan.ts';
import { cloudOf } from '../plan/plan.ts';
import type { Step } from '../terminal/terminal.ts';
import type { RollOut } from './roll-out.ts';

/** A service may drain for longer; Nomad sees to it, and the deploy need not wait. */
const patienceMs = 60_000;

/**
 * Stops a job and waits until its instances have left. Without purge: Nomad keeps its versions and logs for a while, so that
 * it can be put back and looked at.
 *
 * @returns how many instances still drain, and Nomad's JobModifyIndex of the stopped job
 */
export async function stopJob(
  { target, pollMs }: Pick<RollOut, 'target' | 'pollMs'>,
  job: JobPlan,
  { step, signal }: { step: Step; signal: AbortSignal },
): Promise<{ draining: number; index: number }> {
  const { nomad } = cloudOf(target, job.cloud);
  const { JobModifyIndex: index } = await nomad.jobs.deregister(job.id, { signal });
  const until = Date.now() + patienceMs;
  for (;;) {
    const draining = (await nomad.jobs.allocations(job.id, { signal })).filter(isThere).length;
    if (draining === 0 || Date.now() > until) return { draining, index };
    step.update(`${draining} leaving`);
    await sleep(pollMs, undefined, { signal });
  }
}
