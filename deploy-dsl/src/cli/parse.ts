import { CommanderError, Option, Command as Parser } from 'commander';
import type { Command, Invocation } from '../commands/command.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import {
  argumentMissing,
  argumentTooMany,
  flagNeedsValue,
  flagTakesNoValue,
  flagValueNotAllowed,
  unknownFlag,
  unknownName,
} from '../language/errors/usage.ts';
import { suggest } from '../language/suggest.ts';
import { usageOf } from './help.ts';

/**
 * Reads what stands after the command's name.
 *
 * @returns null where its help is asked for
 * @throws TandemError exit 2: an unknown flag, a value or argument missing, one too many
 */
export function parse(name: string, command: Command, words: readonly string[]): Invocation | null {
  const options = [...command.options.map(toOption), new Option('-h, --help')];
  const parser = new Parser(name).exitOverride().helpOption(false);
  parser.configureOutput({ writeErr: () => undefined });
  for (const option of options) {
    parser.addOption(option);
  }
  try {
    const { operands, unknown } = parser.parseOptions([...words]);
    const values = parser.opts<Invocation['options']>();
    const literal = words.indexOf('--');
    if (values.help === true) {
      return null;
    }
    const stray = unknown[0];
    if (stray !== undefined) {
      fail(explainUnknown(name, options, stray));
    }
    for (const option of options) {
      const value = values[option.attributeName()];
      const swallowed = typeof value === 'string' && options.some((other) => isFlag(other, value));
      if (swallowed && (literal < 0 || words.indexOf(value) < literal)) {
        fail(flagNeedsValue(name, option.long ?? option.flags, valueName(option)));
      }
    }
    checkArguments(name, command, operands);
    const { help: _, ...given } = values;
    return { args: operands, options: given };
  } catch (error) {
    if (error instanceof CommanderError) {
      fail(explain(name, options, words, error));
    }
    throw error;
  }
}

function toOption({ flags, description, choices, default: value }: Command['options'][number]): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) {
    option.choices(choices);
  }
  return value === undefined ? option : option.default(value);
}

function checkArguments(name: string, command: Command, given: readonly string[]): void {
  const missing = command.args.find((arg, i) => arg.name.startsWith('<') && given[i] === undefined);
  if (missing !== undefined) {
    fail(argumentMissing(name, missing.name, missing.description));
  }
  const takesMore = command.args.at(-1)?.name.includes('...') === true;
  if (given.length > command.args.length && !takesMore) {
    fail(argumentTooMany(name, given.slice(command.args.length), usageOf(name, command)));
  }
  command.args.forEach(({ name: argument, choices }, i) => {
    const value = given[i];
    if (choices !== undefined && value !== undefined && !choices.includes(value)) {
      fail(unknownName(argument.replaceAll(/[<>[\].]/g, ''), value, choices, suggest(value, choices)));
    }
  });
}

function explainUnknown(name: string, options: readonly Option[], stray: string): Diagnostic {
  const [flag = stray, value] = stray.split(/=(.*)/s);
  const known = options.find((option) => isFlag(option, flag));
  if (known !== undefined && value !== undefined) {
    return flagTakesNoValue(name, flag, value);
  }
  const flags = options.flatMap((option) => option.long ?? []);
  return unknownFlag(name, flag, flag.startsWith('--') ? suggest(flag, flags) : null);
}

/** Says in our words what commander found: a missing value, or one outside the choices. */
function explain(
  name: string,
  options: readonly Option[],
  words: readonly string[],
  error: CommanderError,
): Diagnostic {
  // Commander names the option in its message only, by its flags between quotes.
  const option = options.find((candidate) => error.message.includes(`'${candidate.flags}'`));
  if (option === undefined) {
    throw error;
  }
  const flag = option.long ?? option.flags;
  if (error.code === 'commander.optionMissingArgument') {
    return flagNeedsValue(name, flag, valueName(option));
  }
  const choices = option.argChoices ?? [];
  const value = /argument '(.*)' is invalid/s.exec(error.message)?.[1] ?? words.at(-1) ?? '';
  return flagValueNotAllowed(flag, value, choices, suggest(value, choices));
}

function isFlag(option: Option, word: string): boolean {
  return word === option.long || word === option.short;
}

/** `<path>` of `--file <path>`. */
function valueName(option: Option): string {
  return /[<[].*[>\]]/.exec(option.flags)?.[0] ?? 'VALUE';
}

function fail(diagnostic: Diagnostic): never {
  throw new TandemError([diagnostic], exitCodes.badInput);
}
