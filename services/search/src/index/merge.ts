import { Worker } from 'node:worker_threads';
import type { Segment } from './segment.ts';

/**
 * One segment with the entries of several that are not gone, built in a thread of its own, which ends with it: between
 * merges it takes no memory. Neither the segments nor the result are copied.
 *
 * @returns null when it was aborted
 */
export function mergeInThread(segments: readonly Segment[], signal: AbortSignal): Promise<Segment | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve(null);
    const thread = new Worker(new URL('./merge-thread.ts', import.meta.url), { workerData: segments });
    const abort = () => {
      resolve(null);
      void thread.terminate();
    };
    signal.addEventListener('abort', abort, { once: true });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => {
      signal.removeEventListener('abort', abort);
      resolve(null);
    });
  });
}
