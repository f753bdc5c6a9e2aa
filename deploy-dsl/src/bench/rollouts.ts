import { join } from 'node:path';
import { readStack } from '../local/stack.ts';
import { type Bench, figure } from './bench.ts';
import { startCallLoad } from './call-load.ts';
import type { LoadResult } from './load.ts';
import { median } from './statistics.ts';
import { timeProcess } from './time.ts';
import { Variant } from './variant.ts';

/** TANDEM_BENCH_ROLLOUTS asks for another number of deploys. */
const standardRounds = 100;

/** Rolling deploys of `rooms`, one after the other, while people list and join rooms through the edge. */
export const rollouts: Bench = {
  async run({ root, env, signal, say }) {
    const rounds = Number(env.TANDEM_BENCH_ROLLOUTS ?? standardRounds);
    const stack = await readStack(root);
    if (stack === null) throw new Error('the stack is not up: `./tandem up` first');
    const options = { cwd: root, env, signal };
    const tandem = join(root, 'tandem');
    const variant = new Variant(root, 'rollouts');
    const load = await startCallLoad(stack.edge);
    const deploys: number[] = [];
    let result: LoadResult;
    try {
      for (let round = 1; round <= rounds; round++) {
        say(
          `deploy ${round} of ${rounds}, ${load.failed} of ${load.sent} requests failed`,
          (round - 1) / rounds,
        );
        await variant.write((document) => {
          document.setIn(['services', 'rooms', 'env'], { BENCH_ROUND: String(round) });
          document.setIn(['services', 'rooms', 'update'], { healthy: '1s' });
        });
        deploys.push(await timeProcess(tandem, ['deploy', '--file', variant.path], options));
      }
    } finally {
      result = await load.stop();
      await variant.remove();
    }
    await timeProcess(tandem, ['deploy'], options);
    for (const failure of result.failures) {
      say(`failed: ${failure.operation} at ${failure.atMs} ms: ${failure.reason}`);
    }
    return [
      figure('rolling deploys of `rooms` (2 instances)', deploys.length, ''),
      figure('requests per second, a quarter of them POST', result.sent / result.seconds, '', {
        atLeast: 200,
      }),
      figure('requests sent', result.sent, ''),
      figure('failed idempotent requests', result.failedIdempotent, '', { exactly: 0 }),
      figure('failed POST requests', result.failedOther, '', { exactly: 0 }),
      figure('median time of a deploy', median(deploys) / 1000, 's'),
      figure('latency, median', result.latencyMs.p50, 'ms'),
      figure('latency, 99th percentile', result.latencyMs.p99, 'ms'),
    ];
  },
};
