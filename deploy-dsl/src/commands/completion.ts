import { readFile } from 'node:fs/promises';
import { exitCodes } from '../language/diagnostic.ts';
import type { Command } from './command.ts';

export const completion: Command = {
  args: [{ name: '<shell>', description: 'the shell to complete in', choices: ['bash', 'zsh'] }],
  options: [],
  examples: [
    { line: 'eval "$(./tandem completion bash)"', what: 'for this shell; in ~/.bashrc for every one' },
    { line: 'eval "$(./tandem completion zsh)"', what: 'the same in zsh, after compinit' },
  ],
  description: `Prints a script that completes commands, flags, environments and services, as services.yml has them
    at that moment. It serves every copy of Tandem: the one that is typed is asked.`,
  async run({ terminal }, { args: [shell] }) {
    terminal.print((await readFile(`${import.meta.dirname}/../cli/completion.${shell}`, 'utf8')).trimEnd());
    return exitCodes.fine;
  },
};
