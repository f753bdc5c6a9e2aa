import { formatBytes } from '../terminal/size.ts';
import { table } from '../terminal/table.ts';
import type { Style, Terminal } from '../terminal/terminal.ts';
import { truncate, wrap } from '../terminal/text.ts';
import type { Diagnosis, ToolReport } from './diagnose.ts';

type Verdict = 'there' | 'stands in' | 'will be' | 'blocked';

const marks: Record<Verdict, { unicode: string; ascii: string; style: Style }> = {
  there: { unicode: '✓', ascii: '+', style: 'green' },
  'stands in': { unicode: '!', ascii: '!', style: 'yellow' },
  'will be': { unicode: '·', ascii: '.', style: 'yellow' },
  blocked: { unicode: '✗', ascii: 'x', style: 'red' },
};

/**
 * What `./tandem doctor` shows: the programs, how those that are missing will be had, the machine, and what is in the
 * way.
 *
 * @param home of the user: paths below it are written with `~`
 * @returns the lines joined, without a newline at the end
 */
export function diagnosisView(terminal: Terminal, found: Diagnosis, home: string): string {
  const short = (path: string) => (path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path);
  const columns = [
    { title: '' },
    { title: 'program', style: () => 'bold' as const },
    { title: 'version' },
    { title: 'wanted' },
    { title: 'where', shrink: true },
  ];
  const rows = found.tools.map((tool) => row(terminal, tool, short));
  const notes = found.tools.flatMap((tool) => note(terminal, tool, short));
  return [
    table(terminal, columns, rows),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
    ...facts(found, short).map(([name, value]) => fact(terminal, name, value)),
    '',
    ...conclusion(terminal, found),
  ].join('\n');
}

function verdictOf({ found, standIn, costs, blocked }: ToolReport): Verdict {
  if (found !== null) return 'there';
  if (blocked) return 'blocked';
  return standIn !== null && costs !== null ? 'stands in' : 'will be';
}

function row(terminal: Terminal, tool: ToolReport, short: (path: string) => string): string[] {
  const verdict = verdictOf(tool);
  const { unicode, ascii, style } = marks[verdict];
  const mark = terminal.style(style, terminal.unicode ? unicode : ascii);
  const program = verdict === 'stands in' ? tool.standIn : tool.found;
  if (program !== null) return [mark, tool.name, program.version, tool.wanted, short(program.path)];
  return [mark, tool.name, '', tool.wanted, verdict === 'blocked' ? 'missing' : 'up gets it'];
}

/** How a program will be had, and what was looked at and not taken, below the table where there is room for it. */
function note(terminal: Terminal, tool: ToolReport, short: (path: string) => string): string[] {
  if (tool.how === null) return [];
  const { how, costs, standIn } = tool;
  const verdict = verdictOf(tool);
  const others = tool.rejected.filter(({ path }) => verdict !== 'stands in' || path !== standIn?.path);
  const words = [
    how,
    ...(verdict === 'stands in' && costs !== null ? [costs] : []),
    ...others.map(
      ({ path, version }) => `${short(path)} ${version === null ? 'does not run' : `is ${version}`}`,
    ),
  ];
  return indented(terminal, tool.name, 17, words.join('; '));
}

function facts(
  { machine, stack, takenPorts, portOffset }: Diagnosis,
  short: (path: string) => string,
): [string, string][] {
  const states = new Set(stack.agents.map(({ state }) => state));
  return [
    ['ports', takenPorts.length === 0 ? `free or ours (offset ${portOffset})` : `${takenPorts.length} taken`],
    ['disk', `${formatBytes(machine.freeDisk)} free`],
    ['memory', `${formatBytes(machine.freeMemory)} of ${formatBytes(machine.memory)} free`],
    ['user', machine.root ? 'root' : 'not root; only apt-get needs it'],
    ['node', `${process.version.slice(1)}  ${short(process.execPath)}`],
    [
      'stack',
      states.size === 1
        ? [...states].join()
        : stack.agents.map(({ name, state }) => `${name} ${state}`).join(', '),
    ],
  ];
}

function fact(terminal: Terminal, name: string, value: string): string {
  const room = terminal.width - 9;
  return `${terminal.style('dim', name.padEnd(8))}${terminal.tty ? truncate(value, room, terminal.unicode) : value}`;
}

function conclusion(terminal: Terminal, { problems, tools }: Diagnosis): string[] {
  if (problems.length > 0) {
    return problems.flatMap((problem) => indented(terminal, 'problem', 9, problem, 'red'));
  }
  const missing = tools.filter((tool) => verdictOf(tool) === 'will be').length;
  const first =
    missing === 0 ? '' : ` It gets ${missing === 1 ? 'one program' : `${missing} programs`} first.`;
  return [`${terminal.style('green', '`./tandem up` can work.')}${first}`];
}

/** A name, and words beside it in lines that fit the terminal. */
function indented(
  terminal: Terminal,
  name: string,
  width: number,
  words: string,
  style: Style = 'dim',
): string[] {
  const room = terminal.tty ? Math.max(20, terminal.width - width - 1) : Number.POSITIVE_INFINITY;
  return wrap(words, room).map((line, i) =>
    i === 0 ? `${terminal.style(style, name.padEnd(width))}${line}` : `${' '.repeat(width)}${line}`,
  );
}
