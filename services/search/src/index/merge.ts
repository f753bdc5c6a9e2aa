import { Worker } from 'node:worker_threads';
import type { Segment } from './segment.ts';

/** A segment is merged with all above it unless it is so many times as large as they are together. */
const STEEPNESS = 10;

/**
 * @param sizes of the segments, the lowest first
 * @returns from which segment on all are merged into one; null when each is much larger than all above it
 */
export function firstToMerge(sizes: readonly number[]): number | null {
  let above = sizes.reduce((sum, size) => sum + size, 0);
  for (const [place, size] of sizes.entries()) {
    above -= size;
    if (size < above * STEEPNESS) return place;
  }
  return null;
}

/**
 * One segment with the entries of several that are not gone, built in a thread of its own. When this resolves the thread has
 * ended: between merges it takes no memory. Neither the segments nor the result are copied.
 *
 * @returns null when it was aborted
 */
export function mergeInThread(segments: readonly Segment[], signal: AbortSignal): Promise<Segment | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(null);
    const thread = new Worker(new URL('./merge-thread.ts', import.meta.url), { workerData: segments });
    let merged: Segment | null = null;
    const abort = () => void thread.terminate();
    signal.addEventListener('abort', abort, { once: true });
    thread.once('message', (segment: Segment) => {
      merged = segment;
    });
    thread.once('error', reject);
    thread.once('exit', () => {
      signal.removeEventListener('abort', abort);
      resolve(merged);
    });
  });
}
