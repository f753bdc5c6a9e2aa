import { tandemVersion } from '../cli/tandem-version.ts';
import { exitCodes } from '../language/diagnostic.ts';
import { table } from '../terminal/table.ts';
import type { Command } from './command.ts';
import { jsonOption } from './options.ts';

export const version: Command = {
  args: [],
  options: [jsonOption],
  examples: [
    { line: 'tandem version', what: 'what to put into a bug report' },
    { line: 'tandem --version', what: 'the version of tandem alone, at once' },
  ],
  description: 'Shows the versions of tandem, of the Node that runs it, and of this machine.',
  async run({ terminal }, { options }) {
    const versions = {
      tandem: tandemVersion(),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
    if (options.json === true) {
      terminal.print(JSON.stringify(versions, null, 2));
    } else {
      terminal.print(
        table(terminal, [{ title: 'component' }, { title: 'version' }], Object.entries(versions)),
      );
    }
    return exitCodes.fine;
  },
};
