import type { Command } from './command.ts';

type Option = Command['options'][number];

/** Options that mean the same in every command that has them. Shell completion knows their values by name. */
export const fileOption: Option = { flags: '--file <path>', description: 'another file than services.yml' };

export const envOption: Option = {
  flags: '-e, --env <name>',
  description: 'environment of services.yml (default: $TANDEM_ENV, else local)',
};

/** The two that every command about an environment has. */
export const environmentOptions: Option[] = [envOption, fileOption];

export const jsonOption: Option = { flags: '--json', description: 'print data as JSON' };
