import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchResult } from '../bench/bench.ts';
import { shownValue, withResult } from '../bench/document.ts';
import { benches } from '../bench/index.ts';
import { runBench } from '../bench/run-bench.ts';
import { exitCodes } from '../language/diagnostic.ts';
import { createProgress } from '../terminal/progress.ts';
import { type Column, table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';
import { jsonOption } from './options.ts';

export const bench: Command = {
  args: [
    {
      name: '[name...]',
      description: 'what to measure; everything when left out',
      choices: Object.keys(benches),
    },
  ],
  options: [
    { flags: '--list', description: 'what can be measured' },
    jsonOption,
    { flags: '--write', description: 'put the results, with date and machine, into docs/benchmarks.md' },
  ],
  examples: [
    { line: 'tandem bench --list', what: 'what can be measured' },
    { line: 'tandem bench compile', what: 'how fast services.yml is checked and compiled' },
    { line: 'tandem bench cli compile --write', what: 'measure and publish two of them' },
  ],
  description: `Measures the published figures again on this machine. Ends with exit code 1 when one misses its target.
    Leave the machine alone meanwhile.

    ${Object.entries(benches)
      .map(([name, { summary }]) => `${name}: ${summary}.`)
      .join('\n\n')}

    Those on the stack need it up and running what services.yml says. They deploy to it or break it on purpose, and leave
    it as they found it, also after Ctrl-C; only the list of releases is longer then. TANDEM_BENCH_ROLLOUTS,
    TANDEM_BENCH_KILLS and TANDEM_BENCH_DEPLOYS ask for fewer rounds than the published figures have,
    TANDEM_BENCH_RECEIVERS and TANDEM_BENCH_ROOMS for other steps of conference: "50,100".`,
  async run({ root, env, signal, terminal }, { args, options }) {
    const names = args.length > 0 ? [...new Set(args)] : Object.keys(benches);
    if (options.list === true) {
      list(terminal, options.json === true);
      return exitCodes.fine;
    }
    const progress = createProgress(terminal);
    const results: BenchResult[] = [];
    try {
      for (const name of names) {
        results.push(await runBench(name, { root, env, signal }, progress));
      }
    } finally {
      progress.close();
    }
    if (options.write === true) {
      await write(join(root, 'docs/benchmarks.md'), results);
    }
    if (options.json === true) {
      terminal.print(JSON.stringify(results, null, 2));
    } else {
      show(results, terminal);
    }
    return results.some(({ figures }) => figures.some(({ met }) => met === false))
      ? exitCodes.failed
      : exitCodes.fine;
  },
};

function list(terminal: Terminal, json: boolean): void {
  const entries = Object.entries(benches).map(([name, { summary }]) => ({ name, summary }));
  if (json) {
    terminal.print(JSON.stringify(entries, null, 2));
  } else {
    const rows = entries.map(({ name, summary }) => [name, summary]);
    terminal.print(table(terminal, [{ title: 'bench' }, { title: 'measures', shrink: true }], rows));
  }
}

function show(results: readonly BenchResult[], terminal: Terminal): void {
  const verdicts: Record<string, 'green' | 'red'> = { yes: 'green', no: 'red' };
  const columns: Column[] = [
    { title: 'bench' },
    { title: 'what', shrink: true },
    { title: 'measured', align: 'right' },
    { title: 'target', align: 'right' },
    { title: 'met', style: (cell) => verdicts[cell] ?? null },
  ];
  const rows = results.flatMap(({ name, figures }) =>
    figures.map(({ name: what, value, unit, target, met }) => [
      name,
      what.replaceAll('`', ''),
      shownValue(value, unit),
      target ?? '',
      met === null ? '' : met ? 'yes' : 'no',
    ]),
  );
  terminal.print(table(terminal, columns, rows));
  for (const line of results.flatMap(({ notes }) => notes)) terminal.print(line);
}

async function write(file: string, results: readonly BenchResult[]): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '');
  await writeFile(file, results.reduce(withResult, before));
}
