import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { compiledFiles } from '../compile/files.ts';
import { exitCodes } from '../language/diagnostic.ts';
import type { Command } from './command.ts';
import { openEnvironment } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';

/** `tandem compile` */
export const compile: Command = {
  args: [],
  options: [
    { flags: '--out <folder>', description: 'write the files here; without it their names are listed' },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem compile --env staging --out /tmp/staging', what: 'what staging would run, as files' },
    { line: 'tandem compile --json', what: 'the same for the local environment, on standard output' },
  ],
  description:
    'Writes what Nomad, the edge and RabbitMQ of each cloud get: one job per service (`nomad job validate -json` reads ' +
    'it), the edge template that consul-template renders, and the queues. No cluster is asked. The same file always gives ' +
    'the same bytes.',
  async run(context, { options }) {
    const { compiled } = await openEnvironment(context, options);
    const files = compiledFiles(compiled);
    const { terminal, cwd } = context;
    if (typeof options.out === 'string') {
      const folder = resolve(cwd, options.out);
      for (const [path, text] of files) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      if (options.json !== true) terminal.print(`${files.size} files written to ${options.out}`);
    } else if (options.json !== true) {
      for (const path of files.keys()) terminal.print(path);
    }
    if (options.json === true) terminal.print(JSON.stringify(Object.fromEntries(files), null, 2));
    return exitCodes.fine;
  },
};
