import { suggest } from '../suggest.ts';
import { defineError } from './define.ts';

/** TDM-5xx: how `tandem` was called, and what it cannot explain. Exit code 2, but for TDM-599. */

export const unknownCommand = defineError(
  'TDM-501',
  'The first word after `tandem` is not a command.',
  (typed: string, similar: string | null) => ({
    title: `unknown command "${typed}"${question(similar)}`,
    help: ['`./tandem --help` lists the commands'],
  }),
);

export const unknownFlag = defineError(
  'TDM-502',
  'A flag was given that the command does not have.',
  (command: string, typed: string, similar: string | null) => ({
    title: `unknown flag "${typed}" for "${command}"${question(similar)}`,
    help: [seeHelp(command)],
  }),
);

export const flagBeforeCommand = defineError(
  'TDM-503',
  'A flag stands before the command; all but --help and --version belong after it.',
  (typed: string) => ({
    title: `"${typed}" stands before the command`,
    help: [
      `write flags after the command: \`./tandem COMMAND ${typed}\``,
      '`./tandem --help` lists the commands',
    ],
  }),
);

export const flagNeedsValue = defineError(
  'TDM-504',
  'A flag that takes a value was given without one.',
  (command: string, flag: string, value: string) => ({
    title: `"${flag}" of "${command}" needs a value`,
    help: [`write \`${flag} ${value}\``, seeHelp(command)],
  }),
);

export const flagTakesNoValue = defineError(
  'TDM-505',
  'A flag that is only on or off was given a value with "=".',
  (command: string, flag: string, value: string) => ({
    title: `"${flag}" of "${command}" takes no value, but was given "${value}"`,
    help: [`write \`${flag}\` alone`],
  }),
);

export const flagValueNotAllowed = defineError(
  'TDM-506',
  'The value of a flag is not one of those it can have.',
  (flag: string, value: string, allowed: readonly string[], similar: string | null) => ({
    title: `"${value}" is not a value of "${flag}"${question(similar)}`,
    help: [`it can be ${list(allowed)}`],
  }),
);

export const argumentMissing = defineError(
  'TDM-507',
  'A command was called without an argument that it needs.',
  (command: string, argument: string, what: string) => ({
    title: `"${command}" needs ${argument}: ${what}`,
    help: [seeHelp(command)],
  }),
);

export const argumentTooMany = defineError(
  'TDM-508',
  'A command was called with more arguments than it has.',
  (command: string, extra: readonly string[], usage: string) => ({
    // What stands there may be a secret: it must not reach the log of a pipeline.
    title:
      command === 'secret'
        ? '"secret" takes no value on the command line, where others can read it'
        : `"${command}" does not know what to do with ${extra.map((word) => `"${word}"`).join(' ')}`,
    help:
      command === 'secret'
        ? [
            'from a file: `./tandem secret set SERVICE NAME --from-file PATH`, or pipe it in',
            'what was typed is in the history of the shell now: choose another value',
          ]
        : [`it is called as \`${usage}\``, seeHelp(command)],
  }),
);

export const unknownName = defineError(
  'TDM-509',
  'An argument names something (a bench, a shell) that does not exist.',
  (what: string, typed: string, known: readonly string[], similar: string | null) => ({
    title: `unknown ${what} "${typed}"${question(similar)}`,
    help: [known.length > 0 ? `there is ${list(known, 'and')}` : `there is no ${what} yet`],
  }),
);

export const commandNotBuilt = defineError(
  'TDM-510',
  'The command is listed, but its file is missing from this copy of Tandem.',
  (command: string) => ({
    title: `"${command}" is missing from this copy of tandem`,
    help: ['update the project with `git pull`, or restore it with `git restore deploy-dsl`'],
  }),
);

export const unknownEnvironment = defineError(
  'TDM-520',
  '`--env` or `TANDEM_ENV` names an environment that the file does not have.',
  (name: string, file: string, environments: string[]) => ({
    title: `unknown environment "${name}"${question(suggest(name, environments))}`,
    at: { file, range: null },
    help: [`${file} has ${list(environments, 'and')}`],
  }),
);

export const unknownServiceArgument = defineError(
  'TDM-521',
  'An argument names a service that the environment does not have.',
  (name: string, environment: string, services: string[]) => ({
    title: `unknown service "${name}" in environment ${environment}${question(suggest(name, services))}`,
    help: [services.length === 0 ? 'it has no services' : `it has ${list(services, 'and')}`],
  }),
);

export const noTestMatches = defineError(
  'TDM-511',
  "`test` was given filters that are part of no test file's path.",
  (filters: readonly string[]) => ({
    title: `no test file has ${list(filters)} in its path`,
    help: ['`./tandem test` runs all tests'],
  }),
);

export const badAddress = defineError(
  'TDM-512',
  'An environment variable holds no address that Tandem can send requests to.',
  // Its value may hold a password.
  (variable: string, example: string) => ({
    title: `${variable} is not the address of an HTTP server`,
    help: [`write it like ${example}`, 'or unset it'],
  }),
);

export const outputNotAFolder = defineError(
  'TDM-530',
  '`--out` names a file, or something below a file.',
  (folder: string) => ({
    title: `${folder} is not a folder`,
    help: ['name a folder with --out; it is made where it does not exist'],
  }),
);

export const outputNotWritable = defineError(
  'TDM-531',
  'The folder of `--out` cannot be read or written.',
  (folder: string, reason: string) => ({
    title: `cannot write to ${folder}`,
    evidence: [reason],
    help: ['name a folder with --out that you may write to'],
  }),
);

export const outputNotOurs = defineError(
  'TDM-532',
  '`compile --out` would overwrite something that `compile` did not write. Nothing was changed.',
  (folder: string, paths: readonly string[]) => ({
    title: `${paths.length === 1 ? 'a file' : `${paths.length} files`} in ${folder} would be overwritten`,
    evidence: [...paths.slice(0, 10), ...(paths.length > 10 ? [`and ${paths.length - 10} more`] : [])],
    help: [
      '`compile` replaces and removes only what it wrote itself, which the compiled.json in the folder lists',
      'name another folder with --out, or move these files away',
    ],
  }),
);

export const bug = defineError(
  'TDM-599',
  'Something was thrown that no part of Tandem expected.',
  (message: string, stack: readonly string[] | null) => ({
    title: `this is a bug in tandem: ${message}`,
    evidence: [...(stack ?? [])],
    help: [
      ...(stack === null ? ['run it again with TANDEM_DEBUG=1 to see where it happened'] : []),
      'please report it with the output of `./tandem version` and the line you typed',
    ],
  }),
);

function question(similar: string | null): string {
  return similar === null ? '' : `; did you mean "${similar}"?`;
}

function seeHelp(command: string): string {
  return `\`./tandem ${command} --help\` explains it`;
}

function list(words: readonly string[], last: 'or' | 'and' = 'or'): string {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1)}`;
}
