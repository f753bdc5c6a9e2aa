import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { compile as compileModel } from '../compile/compile.ts';
import { compiledFiles } from '../compile/files.ts';
import { loadSource } from '../language/load.ts';
import { type Bench, type BenchContext, type Figure, figure } from './bench.ts';
import { median } from './statistics.ts';
import { syntheticFile } from './synthetic.ts';
import { timeCall, timeProcess } from './time.ts';

const rounds = 9;
const environment = 'production';

/**
 * From the text of services.yml to checked jobs for two clouds, in a process that has done it before (an editor,
 * a deploy), and as the whole `tandem compile` command with its files written. Whether the time grows in step
 * with the services is told by the time per service at 2,000 against 250.
 */
export const compile: Bench = {
  async run(context) {
    const times = new Map<number, number>();
    for (const services of [50, 250, 1000, 2000]) {
      times.set(services, await timeCompile(services, context));
    }
    const at = (services: number) => times.get(services) ?? Number.NaN;
    return [
      figure('50 services, in the process, median', at(50), 'ms', { below: 50 }),
      figure('1,000 services, in the process, median', at(1000), 'ms', { below: 1000 }),
      figure('time per service, 2,000 against 250', at(2000) / 2000 / (at(250) / 250), 'x', { below: 1.3 }),
      ...(await wholeCommand(context)),
    ];
  },
};

/** Median over some rounds, after a few that warm the process up. */
async function timeCompile(services: number, { say, signal }: BenchContext): Promise<number> {
  const text = syntheticFile(services);
  const once = () => {
    const { model } = loadSource(text, { file: 'services.yml', environment });
    return compiledFiles(compileModel(model, new Map()));
  };
  for (let i = 0; i < 3; i++) {
    once();
  }
  const samples: number[] = [];
  for (let i = 0; i < rounds; i++) {
    signal.throwIfAborted();
    say(`${services.toLocaleString('en')} services`, i / rounds);
    samples.push(timeCall(once));
    // Lets the screen be redrawn and Ctrl-C be heard.
    await breathe();
  }
  return median(samples);
}

/** `tandem compile` as a user types it: start, read, check, compile, write. */
async function wholeCommand({ root, env, signal, say }: BenchContext): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  try {
    const figures: Figure[] = [];
    for (const services of [50, 1000]) {
      const file = join(folder, `services-${services}.yml`);
      await writeFile(file, syntheticFile(services));
      const args = ['compile', '--file', file, '--env', environment, '--out', join(folder, String(services))];
      const samples: number[] = [];
      for (let i = 0; i < 5; i++) {
        say(`the command, ${services.toLocaleString('en')} services`, i / 5);
        samples.push(await timeProcess(join(root, 'tandem'), args, { cwd: folder, env, signal }));
      }
      figures.push(
        figure(
          `\`./tandem compile\`, ${services.toLocaleString('en')} services, median`,
          median(samples),
          'ms',
        ),
      );
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
