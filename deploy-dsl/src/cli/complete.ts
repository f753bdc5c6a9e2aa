import { resolve } from 'node:path';
import type { Command, Context } from '../commands/command.ts';
import type { CommandEntry } from '../commands/index.ts';
import { namesInFile } from './names-in-file.ts';

/** Said instead of candidates where any path will do. */
export const filesWanted = ':files';

/** A word that can stand here, and what it means. */
interface Candidate {
  word: string;
  meaning: string;
}

type Option = Command['options'][number];

/**
 * What the shell's completion script asks (`tandem __complete WORDS...`): which words can stand where the last
 * one is being typed. One line each, the meaning after a tab; or only `:files`.
 *
 * @param words what follows `tandem`, the last one unfinished and possibly empty
 */
export async function complete(
  words: readonly string[],
  context: Context,
  registry: Record<string, CommandEntry>,
): Promise<string[]> {
  const typed = words.at(-1) ?? '';
  const candidates = await candidatesFor(words, context, registry);
  return candidates
    .filter(({ word }) => word === filesWanted || word.startsWith(typed))
    .map(({ word, meaning }) => (meaning === '' ? word : `${word}\t${meaning}`));
}

async function candidatesFor(
  words: readonly string[],
  context: Context,
  registry: Record<string, CommandEntry>,
): Promise<Candidate[]> {
  const [name = '', ...rest] = words;
  if (words.length < 2 || (name === 'help' && words.length === 2)) {
    return Object.entries(registry).map(([word, entry]) => ({ word, meaning: entry.summary }));
  }
  const command = Object.hasOwn(registry, name) ? await registry[name]?.load() : undefined;
  if (command === undefined) {
    return [];
  }
  const typed = rest.at(-1) ?? '';
  const before = rest.slice(0, -1);
  const waiting = command.options.find(
    (option) => takesValue(option) && flagsOf(option).includes(before.at(-1) ?? ''),
  );
  if (waiting !== undefined && flagsOf(waiting).includes('--env')) {
    return plain((await names(before, context)).environments);
  }
  if (waiting !== undefined) {
    return valuesOf(waiting.choices, valueNameOf(waiting), before, context);
  }
  if (typed.startsWith('-')) {
    return [...command.options, { flags: '--help', description: 'explain the command' }].flatMap((option) =>
      flagsOf(option)
        .filter((flag) => flag.startsWith('--'))
        .map((word) => ({ word, meaning: option.description })),
    );
  }
  const position = operandsOf(before, command).length;
  const last = command.args.at(-1);
  const argument = command.args[position] ?? (last?.name.includes('...') === true ? last : undefined);
  return argument === undefined ? [] : valuesOf(argument.choices, nameOf(argument.name), before, context);
}

/** What an argument or a flag's value can be: its choices, or what its name promises. */
async function valuesOf(
  choices: readonly string[] | undefined,
  name: string,
  before: readonly string[],
  context: Context,
): Promise<Candidate[]> {
  if (choices !== undefined) {
    return plain(choices);
  }
  if (['path', 'folder', 'file'].includes(name)) {
    return plain([filesWanted]);
  }
  return name === 'service' ? plain((await names(before, context)).services) : [];
}

/** The names in the file that the words before the cursor are about. */
function names(before: readonly string[], context: Context): ReturnType<typeof namesInFile> {
  const given = before.includes('--file') ? before[before.indexOf('--file') + 1] : undefined;
  return namesInFile(
    given === undefined ? resolve(context.root, 'services.yml') : resolve(context.cwd, given),
  );
}

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, meaning: '' }));
}

/** The words that are neither flags nor their values. */
function operandsOf(words: readonly string[], command: Command): string[] {
  const isValue = (i: number) =>
    command.options.some((option) => takesValue(option) && flagsOf(option).includes(words[i - 1] ?? ''));
  return words.filter((word, i) => !word.startsWith('-') && !isValue(i));
}

/** `['-e', '--env']` of `-e, --env <name>`. */
function flagsOf(option: Option): string[] {
  return option.flags.split(/[ ,|]+/).filter((word) => word.startsWith('-'));
}

function takesValue(option: Option): boolean {
  return option.flags.includes('<');
}

function valueNameOf(option: Option): string {
  return nameOf(/<.*>/.exec(option.flags)?.[0] ?? '');
}

/** `service` of `[service...]`. */
function nameOf(notation: string): string {
  return notation.replaceAll(/[<>[\].]/g, '');
}
