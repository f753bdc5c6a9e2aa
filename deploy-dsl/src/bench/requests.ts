import { type BenchContext, type Figure, figure, type Target } from './bench.ts';
import type { LoadResult, Repeatable } from './load.ts';

/** What the edge does with requests of a kind when an instance fails under them. */
const kinds: Record<Repeatable, string> = {
  'by method': 'GET, DELETE (the edge repeats them on another instance)',
  'by key': 'POST with Idempotency-Key (repeated, too)',
  never: 'POST without (repeated only if it was never sent)',
};

/**
 * How many requests were sent, how many of each kind failed, and how long they took.
 *
 * @param never target for the failed requests that nobody may repeat
 */
export function requestFigures(result: LoadResult, never: Target | null): Figure[] {
  const { sent, failed, latencyMs } = result;
  const all = sent['by method'] + sent['by key'] + sent.never;
  const none: Target = { exactly: 0 };
  return [
    figure('requests per second', all / result.seconds, '', { atLeast: 200 }),
    figure(`sent: ${kinds['by method']}`, sent['by method'], ''),
    figure('of these failed', failed['by method'], '', none),
    figure(`sent: ${kinds['by key']}`, sent['by key'], ''),
    figure('of these failed', failed['by key'], '', none),
    figure(`sent: ${kinds.never}`, sent.never, ''),
    figure('of these failed', failed.never, '', never),
    figure('latency, median', latencyMs.p50, 'ms'),
    figure('latency, 99th percentile', latencyMs.p99, 'ms'),
    figure('latency, largest', latencyMs.max, 'ms'),
  ];
}

/** Names every failed request, so that it can be looked up: `./tandem logs --request ID`. */
export function noteFailures({ failures }: LoadResult, { note }: Pick<BenchContext, 'note'>): void {
  for (const { name, reason, ms, at, requestId, reusedConnection } of failures) {
    const connection = reusedConnection ? ', on a kept connection' : '';
    note(`failed: ${name}: ${reason} after ${ms} ms at ${at}${connection}; request ${requestId}`);
  }
}
