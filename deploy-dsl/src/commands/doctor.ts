import { exitCodes } from '../language/diagnostic.ts';
import { type Diagnosis, diagnose, type ToolReport } from '../local/diagnose.ts';
import { portOffsetOf, requireLinux } from '../local/platform.ts';
import { portsAt } from '../local/ports.ts';
import { readStack } from '../local/stack.ts';
import { formatBytes } from '../terminal/size.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';
import { openFile } from './environment.ts';
import { jsonOption } from './options.ts';

/** `tandem doctor` */
export const doctor: Command = {
  args: [],
  options: [
    { flags: '--port-offset <n>', description: 'look at the ports that `up` would use with this offset' },
    jsonOption,
  ],
  examples: [
    { line: 'tandem doctor', what: 'what is there, what is missing, how it will be had' },
    { line: 'tandem doctor --json', what: 'for a script or a bug report' },
  ],
  description: 'Changes nothing. Ends with 1 when something keeps `up` from working.',
  async run(context, { options }) {
    requireLinux();
    const { root, env, signal, terminal } = context;
    const stack = await readStack(root);
    const asked = typeof options.portOffset === 'string' ? options.portOffset : undefined;
    const offset = portOffsetOf(asked, env, stack);
    // A file with errors has a command of its own, `validate`; the machine can be looked at without it.
    const edgePort = await openFile(context, { env: 'local' }).then(
      ({ loaded }) => loaded.model.edge.port,
      () => portsAt(0).edge,
    );
    const found = await diagnose(root, env, stack, offset, edgePort, signal);
    if (options.json === true) terminal.print(JSON.stringify(found, null, 2));
    else show(terminal, found);
    return found.problems.length === 0 ? exitCodes.fine : exitCodes.failed;
  },
};

function show(terminal: Terminal, found: Diagnosis): void {
  const columns = [
    { title: 'program', style: () => 'bold' as const },
    { title: 'wanted' },
    { title: 'found' },
    { title: 'where, or how it will be had', shrink: true },
  ];
  terminal.print(table(terminal, columns, found.tools.map(toolRow)));
  terminal.print();
  const { machine, stack, takenPorts, portOffset } = found;
  const facts: [string, string][] = [
    ['ports', takenPorts.length === 0 ? `free or ours (offset ${portOffset})` : `${takenPorts.length} taken`],
    ['disk', `${formatBytes(machine.freeDisk)} free`],
    ['memory', `${formatBytes(machine.freeMemory)} of ${formatBytes(machine.memory)} free`],
    ['user', machine.root ? 'root' : 'not root; only apt-get needs it'],
    ['node', `${process.version.slice(1)} (${process.execPath})`],
    ['stack', stack.agents.map(({ name, state }) => `${name} ${state}`).join(', ')],
  ];
  for (const [name, value] of facts) terminal.print(`${terminal.style('dim', name.padEnd(8))}${value}`);
  terminal.print();
  if (found.problems.length === 0) terminal.print(terminal.style('green', '`./tandem up` can work.'));
  for (const problem of found.problems) terminal.print(`${terminal.style('red', 'problem')}  ${problem}`);
}

function toolRow({ name, wanted, found, rejected, how }: ToolReport): string[] {
  if (found !== null) return [name, wanted, found.version, found.path];
  const other = rejected.map(
    ({ path, version }) => `${path} ${version === null ? 'does not run' : `is ${version}`}`,
  );
  return [name, wanted, 'no', [...other, how ?? ''].join('; ')];
}
