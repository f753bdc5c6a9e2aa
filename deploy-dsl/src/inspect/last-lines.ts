import type { Nomad } from '../cluster/nomad.ts';
import { readLine } from './log-line.ts';
import { plainLine } from './log-view.ts';

const bytes = 16 * 1024;

/** The last lines of an instance's task, readable: errors on stderr after what is on stdout. None when its node is silent. */
export async function lastLines(
  nomad: Nomad,
  allocation: string,
  task: string,
  options: { signal?: AbortSignal | undefined; count?: number },
): Promise<string[]> {
  const count = options.count ?? 8;
  const [out, err] = await Promise.all(
    (['stdout', 'stderr'] as const).map((type) =>
      nomad.allocations.tail(allocation, task, { type, bytes, signal: options.signal }).catch(() => {
        options.signal?.throwIfAborted();
        return '';
      }),
    ),
  );
  const lines = (text = '') =>
    wholeLines(text)
      .slice(-count)
      .map((line) => plainLine(readLine(line)));
  return [...lines(out), ...lines(err)].slice(-2 * count);
}

/** What was read from the middle starts within a line. */
function wholeLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Buffer.byteLength(text) >= bytes ? lines.slice(1) : lines;
}
