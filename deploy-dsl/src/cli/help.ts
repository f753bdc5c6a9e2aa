import type { Command } from '../commands/command.ts';
import type { CommandEntry } from '../commands/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { pad, widthOf, wrap } from '../terminal/text.ts';

const widestText = 100;

export const groupTitles: Record<CommandEntry['group'], string> = {
  'this machine': 'This machine',
  'services.yml': 'The file services.yml',
  releases: 'Releases',
  services: 'Services',
  project: 'The project',
};

const overviewExamples = [
  { line: './tandem up', what: 'the whole stack on this machine' },
  { line: './tandem plan', what: 'what a deploy would change, in words' },
  { line: './tandem deploy', what: 'roll it out' },
  { line: './tandem why rooms', what: 'why a service is (not) running' },
];

/** What `tandem --help` shows: every command in its group, and where to begin. */
export function overview(commands: Record<string, CommandEntry>, terminal: Terminal): string {
  const names = Object.keys(commands);
  const column = Math.max(...names.map(widthOf));
  const groups = Object.entries(groupTitles).map(([group, title]) => [
    terminal.style('bold', title),
    ...Object.entries(commands)
      .filter(([, entry]) => entry.group === group)
      .flatMap(([name, entry]) => described(name, entry.summary, column, terminal)),
    '',
  ]);
  return [
    `${terminal.style('bold', 'tandem')}: one file describes every service; this command runs them`,
    '',
    'usage: ./tandem COMMAND [arguments] [options]',
    '',
    ...groups.flat(),
    terminal.style('bold', 'Examples'),
    ...examples(overviewExamples, terminal),
    '',
    '`./tandem COMMAND --help` explains a command.',
    'Exit codes: 0 fine, 1 failed, 2 bad input, 3 plan has changes.',
  ].join('\n');
}

/** What `tandem COMMAND --help` shows. */
export function commandHelp(name: string, entry: CommandEntry, command: Command, terminal: Terminal): string {
  const options = [...command.options, { flags: '-h, --help', description: 'show this' }];
  const flags = options.map((option) => alignedFlags(option.flags));
  const column = Math.min(32, Math.max(...[...flags, ...command.args.map((arg) => arg.name)].map(widthOf)));
  const width = textWidth(terminal);
  const section = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : ['', terminal.style('bold', title), ...lines];
  return [
    `${terminal.style('bold', `tandem ${name}`)}: ${entry.summary}`,
    '',
    `usage: ${usageOf(name, command)}`,
    ...paragraphs(command.description).flatMap((paragraph) => ['', ...wrap(paragraph, width)]),
    ...section(
      'Arguments',
      command.args.flatMap((arg) => described(arg.name, textOf(arg), column, terminal)),
    ),
    ...section(
      'Options',
      options.flatMap((option, i) => described(flags[i] ?? '', textOf(option), column, terminal)),
    ),
    ...section('Examples', examples(command.examples, terminal)),
  ].join('\n');
}

/** How a command is called: `./tandem logs [service...] [options]`. */
export function usageOf(name: string, command: Command): string {
  const words = ['./tandem', name, ...command.args.map((arg) => arg.name)];
  return [...words, ...(command.options.length > 0 ? ['[options]'] : [])].join(' ');
}

/** Everything that is to say about an argument or option: what it is, the values it takes, its default. */
export function textOf(item: { description: string; choices?: readonly string[]; default?: string }): string {
  const choices = item.choices === undefined ? '' : ` (${item.choices.join(', ')})`;
  const preset = item.default === undefined ? '' : ` (default: ${item.default})`;
  return item.description + choices + preset;
}

/** The paragraphs of a description: separated by an empty line, indented as the source likes. */
export function paragraphs(text: string | undefined): string[] {
  return (text ?? '')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '');
}

function examples(list: Command['examples'], terminal: Terminal): string[] {
  const lines = list.map(({ line }) => asTyped(line));
  const column = Math.min(40, Math.max(0, ...lines.map(widthOf)));
  return list.flatMap(({ what }, i) => described(lines[i] ?? '', what, column, terminal));
}

/** A name and its text in two columns; the text below where the name is too long or the screen too narrow. */
function described(name: string, text: string, column: number, terminal: Terminal): string[] {
  const indent = column + 4;
  const width = textWidth(terminal);
  const beside = width - indent;
  if (beside < 24) {
    return [`  ${terminal.style('cyan', name)}`, ...wrap(text, width - 6).map((line) => `      ${line}`)];
  }
  const lines = wrap(text, beside);
  const head = `  ${terminal.style('cyan', name)}`;
  const rest = (from: string[]) => from.map((line) => ' '.repeat(indent) + line);
  return widthOf(name) > column
    ? [head, ...rest(lines)]
    : [`${head}${pad('', column - widthOf(name))}  ${lines[0] ?? ''}`, ...rest(lines.slice(1))];
}

/** Examples are shown as they work in the project's folder: `./tandem ...`. */
export function asTyped(line: string): string {
  return line.replace(/^tandem\b/, './tandem');
}

/** Long flags stand below each other, with or without a short one before them. */
function alignedFlags(flags: string): string {
  return flags.startsWith('--') ? `    ${flags}` : flags;
}

function textWidth(terminal: Terminal): number {
  return Math.max(30, Math.min(widestText, terminal.tty ? terminal.width : 80));
}
