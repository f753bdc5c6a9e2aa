import { tandemVersion } from '../cli/tandem-version.ts';
import { exitCodes } from '../language/diagnostic.ts';
import { findTool } from '../local/toolchain/find.ts';
import { tools } from '../local/toolchain/tools.ts';
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
  description: `Shows the versions of tandem, of the Node that runs it, of the programs that \`./tandem up\` would start
    (or which it would get first), and of this machine.`,
  async run({ terminal, env }, { options }) {
    const found = await Promise.all(
      tools.map(async (tool) => ({ name: tool.name, found: (await findTool(tool, env)).found })),
    );
    const versions = {
      tandem: tandemVersion(),
      node: process.versions.node,
      ...Object.fromEntries(found.map(({ name, found: tool }) => [name, tool?.version ?? null])),
      platform: `${process.platform}-${process.arch}`,
    };
    if (options.json === true) {
      terminal.print(JSON.stringify(versions, null, 2));
    } else {
      const rows = Object.entries(versions).map(([name, version]) => [name, version ?? 'not installed']);
      terminal.print(table(terminal, [{ title: 'component' }, { title: 'version' }], rows));
    }
    return exitCodes.fine;
  },
};
