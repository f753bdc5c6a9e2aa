import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Bench, type Figure, figure } from './bench.ts';
import { finders } from './search/finders.ts';
import type { SideResult } from './search/side.ts';
import { median, percentile } from './statistics.ts';

const PEOPLE = 1_000_000;

const run = promisify(execFile);

/**
 * People search over a million names, beside SQLite's FTS5 with the same names and the same queries, each in a process
 * of its own, one after the other. FTS5 comes with Node (`node:sqlite`); it knows no slips.
 */
export const search: Bench = {
  async run({ signal, say, note }) {
    const results = new Map<string, SideResult>();
    for (const name of Object.keys(finders)) {
      say(`${name}: a million names`, results.size / Object.keys(finders).length);
      results.set(name, await measure(name, signal));
    }
    for (const [name, { kinds }] of results) {
      for (const [kind, { ms, found }] of Object.entries(kinds)) {
        note(
          `${name}, ${kind}: median ${median(ms).toFixed(2)} ms, ` +
            `p99 ${percentile(ms, 0.99).toFixed(2)} ms${found === null ? '' : `, found ${Math.round(found * 100)} %`}`,
        );
      }
    }
    return [...results].flatMap(([name, result]) => figuresOf(name, result));
  },
};

async function measure(name: string, signal: AbortSignal): Promise<SideResult> {
  const side = fileURLToPath(new URL('search/side.ts', import.meta.url));
  const args = ['--disable-warning=ExperimentalWarning', '--expose-gc', side, name, String(PEOPLE)];
  const { stdout } = await run(process.execPath, args, { signal, maxBuffer: 64 * 1024 * 1024 });
  const result: SideResult = JSON.parse(stdout);
  return result;
}

function figuresOf(name: string, { indexMs, memoryMb, kinds }: SideResult): Figure[] {
  const all = Object.values(kinds).flatMap(({ ms }) => ms);
  const slips = Object.entries(kinds).filter(([kind]) => kind.includes('slip'));
  const found = slips.reduce((sum, [, kind]) => sum + (kind.found ?? 0), 0) / slips.length;
  return [
    figure(
      `${name}: p99 of all queries`,
      percentile(all, 0.99),
      'ms',
      name === 'tandem' ? { below: 10 } : null,
    ),
    figure(`${name}: median of all queries`, median(all), 'ms'),
    figure(`${name}: memory`, memoryMb, 'MB'),
    figure(`${name}: indexing`, indexMs / 1000, 's'),
    figure(`${name}: people found in spite of a slip`, found * 100, '%'),
  ];
}
