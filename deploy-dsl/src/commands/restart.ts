import { exitCodes } from '../language/diagnostic.ts';
import { locked, restarted, rollJobs } from '../operate/roll.ts';
import type { Command } from './command.ts';
import { cloudOption, operate } from './operation.ts';
import { environmentOptions } from './options.ts';

/** `tandem restart <service>` */
export const restart: Command = {
  args: [{ name: '<service>', description: 'service of the file' }],
  options: [cloudOption, ...environmentOptions],
  examples: [
    { line: 'tandem restart rooms', what: 'replace its instances one after the other' },
    { line: 'tandem restart rooms --env production --cloud gcp', what: 'only those in gcp' },
  ],
  description:
    'Starts a new instance, waits until it is healthy, then replaces the others one by one; requests are answered all ' +
    'the while. The version stays the same.',
  async run(context, { args: [name = ''], options }) {
    await operate(context, options, name, (operation) =>
      locked(operation, `restart ${name}`, () => rollJobs(operation, restarted)),
    );
    return exitCodes.fine;
  },
};
