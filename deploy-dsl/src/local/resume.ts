import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { Nomad } from '../cluster/nomad.ts';
import type { Progress } from '../terminal/terminal.ts';
import { readIfPresent, writeAtomically } from './files.ts';
import type { Stack } from './stack.ts';
import type { State } from './state.ts';

const jobsSchema = Type.Array(Type.String());

const listOf = (state: State) => join(state.data, 'stopped-jobs.json');

/** Notes the jobs that `down` has stopped, for the next `up`. */
export async function noteStopped(state: State, jobs: string[]): Promise<void> {
  if (jobs.length > 0) await writeAtomically(listOf(state), `${JSON.stringify(jobs)}\n`);
}

/**
 * Starts the jobs that `down` has stopped, as they were and all at once: they ran together before, so none has to prove
 * itself before the next may start. What services.yml says by now is the matter of the deploy that follows.
 */
export async function resumeJobs(
  state: State,
  stack: Stack,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const jobs = await stoppedJobs(state);
  if (jobs.length === 0) return;
  const nomad = new Nomad({ address: stack.nomad, region: 'local', local: true });
  const step = progress.step('services');
  const started = await Promise.all(
    jobs.map(async (id) => {
      const job = await nomad.jobs.get(id, { signal });
      // Nomad forgets stopped jobs after some hours, and someone may have started it by hand.
      if (job === null || job.Stop !== true) return null;
      await nomad.jobs.register({ ...job, Stop: false }, { signal });
      return id;
    }),
  );
  await rm(listOf(state), { force: true });
  step.done(`${started.filter((id) => id !== null).length} started again as they were`);
}

async function stoppedJobs(state: State): Promise<string[]> {
  const text = await readIfPresent(listOf(state));
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(jobsSchema, value) ? value : [];
  } catch {
    return [];
  }
}
