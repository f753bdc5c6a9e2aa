import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, figure } from './bench.ts';
import { median, percentile } from './statistics.ts';
import { timeProcess } from './time.ts';

const starts = 30;

/**
 * How soon the prompt is back. Through the launcher (what a user types), without it, and for the first time after
 * an update, when Node's cache of compiled code is empty.
 */
export const cli: Bench = {
  async run({ root, env, signal, say }) {
    const options = { cwd: root, env, signal };
    const launcher = join(root, 'tandem');
    const main = join(root, 'deploy-dsl/src/main.ts');
    const timeStarts = async (what: string, start: () => Promise<number>) => {
      const samples: number[] = [];
      // The first one may find packages to install or a cache to fill.
      await start();
      for (let i = 0; i < starts; i++) {
        say(what, i / starts);
        samples.push(await start());
      }
      return samples;
    };

    const whole = await timeStarts('through the launcher', () =>
      timeProcess(launcher, ['--version'], options),
    );
    const direct = await timeStarts('main.ts alone', () =>
      timeProcess(process.execPath, [main, '--version'], options),
    );
    const first = await timeStarts('with an empty cache', async () => {
      const cache = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
      try {
        const withEmptyCache = { ...env, NODE_COMPILE_CACHE: cache };
        return await timeProcess(process.execPath, [main, '--version'], { ...options, env: withEmptyCache });
      } finally {
        await rm(cache, { recursive: true, force: true });
      }
    });
    const help = await timeStarts('--help', () => timeProcess(launcher, ['--help'], options));
    return [
      figure('`./tandem --version`, median of 30', median(whole), 'ms', { below: 150 }),
      figure('the same, slowest of 30', percentile(whole, 1), 'ms'),
      figure('`node main.ts --version` without compile cache, median', median(direct), 'ms'),
      figure('the same, filling an empty compile cache, median', median(first), 'ms'),
      figure('`./tandem --help`, median', median(help), 'ms'),
    ];
  },
};
