import { dirname } from 'node:path';
import { contractsBelow } from '../language/contract.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { findingsOf } from '../language/load.ts';
import { readSource } from '../language/read.ts';
import { renderDiagnostics } from '../language/render.ts';
import type { Command } from './command.ts';
import { displayOf, fileOf } from './file.ts';
import { fileOption, jsonOption } from './options.ts';

/** `tandem validate` */
export const validate: Command = {
  args: [],
  options: [
    { flags: '-e, --env <name>', description: 'one environment of services.yml (default: all)' },
    fileOption,
    jsonOption,
  ],
  examples: [
    { line: 'tandem validate', what: 'check services.yml for every environment' },
    { line: 'tandem validate --env production', what: 'for one environment' },
    { line: 'tandem validate --file other.yml --json', what: 'another file, for a script or an editor' },
  ],
  description:
    'Shows all errors at once, each with its place in the file, why it is one, and what to do. No cluster is touched. ' +
    'Ends with 0 when there are none (warnings are shown, but fine), else with 2.',
  async run(context, { options }) {
    const { terminal } = context;
    const file = fileOf(context, options);
    const display = displayOf(context, file);
    const source = await readSource(file, display);
    const { environments, diagnostics } = findingsOf(
      source,
      typeof options.env === 'string' ? options.env : null,
      contractsBelow(dirname(file)),
    );
    if (diagnostics.some(({ severity }) => severity === 'error')) {
      throw new TandemError(diagnostics, exitCodes.badInput);
    }
    if (options.json === true) {
      terminal.print(JSON.stringify({ file: display, environments, diagnostics }, null, 2));
      return exitCodes.fine;
    }
    if (diagnostics.length > 0) {
      const { colour, width } = terminal.screen;
      const look = { colour, unicode: terminal.unicode, width };
      terminal.printError(`${renderDiagnostics(diagnostics, new Map([[display, source.text]]), look)}\n`);
    }
    const what = environments.length === 1 ? 'environment' : 'environments';
    terminal.print(`${display} has no errors in ${what} ${environments.join(', ')}`);
    return exitCodes.fine;
  },
};
