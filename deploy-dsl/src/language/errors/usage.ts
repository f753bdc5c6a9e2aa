import { didYouMean } from '../suggest.ts';
import { defineError } from './define.ts';

/** Errors of the command line: flags, arguments and names typed there. */

export const unknownCommand = defineError(
  'TDM-501',
  'The command line names a command that does not exist.',
  (name: string, commands: string[]) => ({
    title: `unknown command "${name}"${didYouMean(name, commands)}`,
    help: ['`./tandem --help` lists the commands'],
  }),
);

export const unknownOption = defineError(
  'TDM-502',
  'The command has no such option.',
  (option: string, command: string, options: string[]) => ({
    title: `unknown option "${option}"${didYouMean(option, options)}`,
    help: [`\`./tandem ${command} --help\` lists the options`.replace('  ', ' ')],
  }),
);

export const missingArgument = defineError(
  'TDM-503',
  'The command needs an argument that was not given.',
  (argument: string, command: string) => ({
    title: `missing argument <${argument}>`,
    help: [`\`./tandem ${command} --help\` shows examples`],
  }),
);

export const excessArgument = defineError(
  'TDM-504',
  'More arguments were given than the command takes.',
  (argument: string, command: string) => ({
    title: `unexpected argument "${argument}"`,
    help: [`\`./tandem ${command} --help\` shows examples`],
  }),
);

export const badValue = defineError(
  'TDM-505',
  'An option or argument was given a value it does not take, or none.',
  (what: string, value: string | null, expected: string) => ({
    title: value === null ? `${what} needs a value` : `${what} cannot be "${value}"`,
    help: [`expected ${expected}`],
  }),
);

export const unknownEnvironment = defineError(
  'TDM-506',
  '`--env` or `TANDEM_ENV` names an environment that the file does not have.',
  (name: string, file: string, environments: string[]) => ({
    title: `unknown environment "${name}"${didYouMean(name, environments)}`,
    at: { file, range: null },
    help: [`environments of ${file}: ${environments.join(', ')}`],
  }),
);

export const unknownServiceArgument = defineError(
  'TDM-507',
  'The command line names a service that the environment does not have.',
  (name: string, environment: string, services: string[]) => ({
    title: `unknown service "${name}" in environment ${environment}${didYouMean(name, services)}`,
    help: [services.length === 0 ? 'the environment has no services' : `services: ${services.join(', ')}`],
  }),
);
