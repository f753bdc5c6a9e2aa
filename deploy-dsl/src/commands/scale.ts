import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { badCount, outOfLimits } from '../language/errors/service.ts';
import type { Instances } from '../language/model.ts';
import { locked, rollJobs, scaled } from '../operate/roll.ts';
import type { Command } from './command.ts';
import { cloudOption, operate } from './operation.ts';
import { environmentOptions } from './options.ts';

const most = 1000;

/** `tandem scale <service> <count>` */
export const scale: Command = {
  args: [
    { name: '<service>', description: 'service of the file' },
    { name: '<count>', description: 'instances in each cloud' },
  ],
  options: [
    cloudOption,
    { flags: '--force', description: 'also outside of the limits that the file gives the autoscaler' },
    ...environmentOptions,
  ],
  examples: [
    { line: 'tandem scale rooms 4', what: 'four instances in every cloud' },
    { line: 'tandem scale rooms 6 --env production --cloud aws', what: 'only in aws' },
  ],
  description:
    'Waits until the instances are healthy. Where the file has a fixed count, the next deploy takes it back; where it has a ' +
    'range, the autoscaler goes on from there.',
  async run(context, { args: [name = '', text = ''], options }) {
    const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
    if (!(count >= 1 && count <= most)) {
      throw new TandemError([badCount('the count', text, `a number from 1 to ${most}`)], exitCodes.badInput);
    }
    const after = await operate(context, options, name, async (operation) => {
      for (const cloud of operation.clouds) {
        const limits = operation.model.services[name]?.instances[cloud.name];
        if (limits === undefined || limits.min === limits.max || options.force === true) continue;
        if (count >= limits.min && count <= limits.max) continue;
        const { min, max } = limits;
        throw new TandemError([outOfLimits(name, count, cloud.name, min, max)], exitCodes.badInput);
      }
      await locked(operation, `scale ${name}`, () => rollJobs(operation, (live) => scaled(live, count)));
      return operation.clouds.map((cloud) => ({
        cloud: operation.clouds.length > 1 ? ` (${cloud.name})` : '',
        limits: operation.model.services[name]?.instances[cloud.name] ?? { min: count, max: count },
      }));
    });
    for (const { cloud, limits } of after) context.terminal.print(afterwards(count, limits) + cloud);
    return exitCodes.fine;
  },
};

/** Who decides on the count from now on. */
export function afterwards(count: number, { min, max }: Instances): string {
  if (min === max) {
    return count === min
      ? `${count} is what the file says, too.`
      : `The file says ${min}: \`./tandem plan\` shows the difference, and the next deploy takes it back.`;
  }
  return count >= min && count <= max
    ? `Within ${min}..${max} the autoscaler goes on from here, and a deploy leaves the count alone.`
    : `The file allows ${min}..${max}: the next deploy brings the count back into that.`;
}
