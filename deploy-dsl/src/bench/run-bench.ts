import type { Progress } from '../terminal/terminal.ts';
import type { BenchContext, BenchResult } from './bench.ts';
import { benches } from './index.ts';
import { describeMachine } from './machine.ts';

/**
 * Runs one bench of the registry, with a step of its own in the progress.
 *
 * @throws RangeError for a name that is not in the registry
 */
export async function runBench(
  name: string,
  context: Omit<BenchContext, 'say' | 'note'>,
  progress: Progress,
): Promise<BenchResult> {
  const entry = benches[name];
  if (entry === undefined) {
    throw new RangeError(`no bench "${name}"`);
  }
  const machine = describeMachine();
  const step = progress.step(name);
  const notes: string[] = [];
  try {
    const { run } = await entry.load();
    const figures = await run({
      ...context,
      say: (detail, fraction) => step.update(detail, fraction ?? null),
      note: (line) => notes.push(line),
    });
    const missed = figures.filter(({ met }) => met === false).length;
    if (missed > 0) {
      step.fail(`${missed} of ${figures.length} figures miss their target`);
    } else {
      step.done();
    }
    return { name, date: new Date().toISOString().slice(0, 10), machine, figures, notes };
  } catch (error) {
    step.fail('stopped');
    throw error;
  }
}
