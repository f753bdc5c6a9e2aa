import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cliReference } from '../cli/reference.ts';
import { exitCodes } from '../language/diagnostic.ts';
import { generatedFiles } from '../language/generated-files.ts';
import { jsonSchema } from '../language/schema/json-schema.ts';
import type { Command } from './command.ts';
import { commands } from './index.ts';

/** `tandem schema` */
export const schema: Command = {
  args: [],
  options: [{ flags: '--write', description: 'refresh schema.json and the pages generated from it' }],
  examples: [
    { line: 'tandem schema', what: 'print the JSON Schema of services.yml' },
    { line: 'tandem schema --write', what: 'after a change of the language: refresh what is generated' },
  ],
  description:
    'The first line of services.yml names the schema, so that editors complete and explain every key. ' +
    '--write refreshes deploy-dsl/schema.json, docs/services-yml.md, docs/errors.md and docs/cli.md; a test fails when they are stale.',
  async run({ root, terminal }, { options }) {
    if (options.write !== true) {
      terminal.print(jsonSchema().trimEnd());
      return exitCodes.fine;
    }
    for (const [path, text] of generatedFiles()) {
      await writeFile(join(root, path), text);
      terminal.print(`wrote ${path}`);
    }
    await writeFile(join(root, 'docs/cli.md'), await cliReference(commands));
    terminal.print('wrote docs/cli.md');
    return exitCodes.fine;
  },
};
