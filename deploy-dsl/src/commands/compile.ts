import { resolve } from 'node:path';
import { compiledFiles } from '../compile/files.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { flagNeedsValue } from '../language/errors/usage.ts';
import { type Output, writeOutput } from '../local/output-folder.ts';
import type { Command } from './command.ts';
import { openEnvironment } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';

/** `tandem compile` */
export const compile: Command = {
  args: [],
  options: [
    {
      flags: '--out <folder>',
      description: 'make the folder hold these files; without it their names are listed',
    },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem compile --env staging --out /tmp/staging', what: 'what staging would run, as files' },
    {
      line: 'tandem compile --env staging --out nomad-jobs/staging',
      what: 'after a change: refresh the files that a review shows',
    },
    { line: 'tandem compile --json', what: 'the same for the local environment, on standard output' },
  ],
  description:
    'Writes what Nomad, the edge and RabbitMQ of each cloud get: one job per service (`nomad job validate -json` reads ' +
    'it), the edge template that consul-template renders, and the queues. No cluster is asked. The same file always gives ' +
    'the same bytes.\n\n' +
    'With --out, files that an earlier call wrote there and that are no longer wanted are removed; files that it did not ' +
    'write are never touched.',
  async run(context, { options }) {
    if (options.out === '') {
      throw new TandemError([flagNeedsValue('compile', '--out', '<folder>')], exitCodes.badInput);
    }
    const { compiled } = await openEnvironment(context, options);
    const files = compiledFiles(compiled);
    const { terminal, cwd } = context;
    const json = options.json === true;
    if (typeof options.out === 'string') {
      const output = await writeOutput(resolve(cwd, options.out), compiled.environment, files);
      const words = json
        ? [JSON.stringify({ folder: options.out, ...output }, null, 2)]
        : said(options.out, output);
      for (const line of words) terminal.print(line);
    } else if (json) {
      terminal.print(JSON.stringify(Object.fromEntries(files), null, 2));
    } else {
      for (const path of files.keys()) terminal.print(path);
    }
    return exitCodes.fine;
  },
};

/** What happened to the folder: a line per file that is not as before, then the sum. */
function said(folder: string, { added, changed, same, removed }: Output): string[] {
  const total = added.length + changed.length + same.length;
  const parts = [
    [added.length, 'new'],
    [changed.length, 'changed'],
    [removed.length, 'removed'],
  ].flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  return [
    ...(same.length === 0 ? [] : added.map((path) => `new      ${path}`)),
    ...changed.map((path) => `changed  ${path}`),
    ...removed.map((path) => `removed  ${path}`),
    `${total} files in ${folder}: ${parts.length === 0 ? 'all as before' : parts.join(', ')}`,
  ];
}
