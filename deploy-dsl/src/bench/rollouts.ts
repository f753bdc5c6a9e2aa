import { type Bench, type Figure, figure } from './bench.ts';
import { startCallLoad } from './call-load.ts';
import type { LoadResult } from './load.ts';
import { noteFailures, requestFigures } from './requests.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { median, percentile } from './statistics.ts';
import { Variant } from './variant.ts';

/** TANDEM_BENCH_ROLLOUTS asks for another number of deploys. */
const standardRounds = 100;

/** Rolling deploys of `rooms`, one after the other, while people list, make, join and delete rooms through the edge. */
export const rollouts: Bench = {
  async run(context) {
    const { root, env, signal, say } = context;
    const rounds = Number(env.TANDEM_BENCH_ROLLOUTS ?? standardRounds);
    const stack = await StackUnderTest.open(context);
    const { file, edge } = stack.addresses;
    const variant = await Variant.make({ root, file, service: 'rooms' }, (document) =>
      // Without the canary's bake, which would only make the bench longer.
      document.setIn(['services', 'rooms', 'update'], { healthy: '1s' }),
    );
    const versions = new Set<string>();
    const deploys: number[] = [];
    let result: LoadResult;
    try {
      const load = await startCallLoad(edge, signal);
      try {
        for (let round = 1; round <= rounds; round++) {
          const failed = `${load.failed} of ${load.sent.toLocaleString('en')} requests failed`;
          say(`deploy ${round} of ${rounds}, ${failed}`, (round - 1) / rounds);
          signal.throwIfAborted();
          await variant.edit();
          deploys.push(await stack.deploy(variant.path));
          versions.add(await stack.liveVersion('rooms'));
        }
      } finally {
        say('ending the load');
        result = await load.stop();
      }
    } finally {
      await variant.remove();
      await stack.restore();
    }
    noteFailures(result, context);
    return [
      figure('new versions of `rooms` (2 instances) rolled out', versions.size, '', { exactly: rounds }),
      ...requestFigures(result, { exactly: 0 }),
      ...deployFigures(deploys),
    ];
  },
};

function deployFigures(deploys: readonly number[]): Figure[] {
  return [
    figure('a deploy, whole command, median', median(deploys) / 1000, 's'),
    figure('the same, slowest', percentile(deploys, 1) / 1000, 's'),
  ];
}
