import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { neededByOthers, stopNotConfirmed } from '../language/errors/service.ts';
import { locked } from '../operate/roll.ts';
import type { Command } from './command.ts';
import { canAsk, confirm } from './confirm.ts';
import { cloudOption, operate } from './operation.ts';
import { environmentOptions } from './options.ts';

/** `tandem stop <service>` */
export const stop: Command = {
  args: [{ name: '<service>', description: 'service of the file' }],
  options: [
    cloudOption,
    { flags: '-y, --yes', description: 'do not ask' },
    { flags: '--force', description: 'even if other services need it' },
    ...environmentOptions,
  ],
  examples: [{ line: 'tandem stop search', what: 'stop all its instances until the next deploy' }],
  description: 'Its instances finish their requests first. The next deploy starts it again.',
  async run(context, { args: [name = ''], options }) {
    const stopped = await operate(context, options, name, async (operation) => {
      const { model, clouds, service, signal } = operation;
      const needing = Object.values(model.services).filter(({ needs }) => needs.includes(service));
      if (needing.length > 0 && options.force !== true) {
        const names = needing.map((other) => other.name);
        throw new TandemError([neededByOthers(service, names)], exitCodes.badInput);
      }
      if (options.yes !== true) {
        if (!canAsk(context)) {
          throw new TandemError([stopNotConfirmed(`stopping "${service}"`)], exitCodes.badInput);
        }
        const where = clouds.map((cloud) => cloud.name).join(' and ');
        if (!(await confirm(context, `Stop ${service} in ${where}?`))) return false;
      }
      await locked(operation, `stop ${service}`, async () => {
        for (const cloud of clouds) await cloud.nomad.jobs.deregister(service, { signal });
      });
      return true;
    });
    context.terminal.print(stopped ? `${name} is stopped until the next deploy.` : 'Nothing was changed.');
    return exitCodes.fine;
  },
};
