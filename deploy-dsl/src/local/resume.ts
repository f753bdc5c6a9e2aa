import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { Nomad } from '../cluster/nomad.ts';
import type { Progress } from '../terminal/terminal.ts';
import { readIfPresent, writeAtomically } from './files.ts';
import type { Stack } from './stack.ts';
import type { State } from './state.ts';

const stoppedSchema = Type.Object({
  /** Their ports are those of this offset. */
  portOffset: Type.Integer(),
  jobs: Type.Array(Type.String()),
});

const listOf = (state: State) => join(state.data, 'stopped-jobs.json');

/** Notes the jobs that `down` has stopped, for the next `up`. */
export async function noteStopped(state: State, portOffset: number, jobs: string[]): Promise<void> {
  if (jobs.length > 0) await writeAtomically(listOf(state), `${JSON.stringify({ portOffset, jobs })}\n`);
}

/**
 * Starts the jobs that `down` has stopped, as they were and all at once: they ran together before, so none has to prove
 * itself before the next may start. What services.yml says by now is the matter of the deploy that follows. Where the stack
 * moves to other ports, that deploy starts everything: as they were they would be on the former ones.
 */
export async function resumeJobs(
  state: State,
  stack: Stack,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const stopped = await stoppedJobs(state);
  if (stopped === null || stopped.portOffset !== stack.portOffset) return;
  const nomad = new Nomad({ address: stack.nomad, region: 'local', local: true });
  const step = progress.step('services');
  const started = await Promise.all(
    stopped.jobs.map(async (id) => {
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

async function stoppedJobs(state: State): Promise<Type.Static<typeof stoppedSchema> | null> {
  const text = await readIfPresent(listOf(state));
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(stoppedSchema, value) ? value : null;
  } catch {
    return null;
  }
}
