import { whyIn } from '../inspect/why.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { cloudsOf } from '../operate/roll.ts';
import type { Command } from './command.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';
import { requireService } from './service-argument.ts';

/** `tandem why <service>` */
export const why: Command = {
  args: [{ name: '<service>', description: 'service of the file' }],
  options: [...environmentOptions, jsonOption],
  examples: [
    { line: 'tandem why rooms', what: 'why rooms is (not) placed, healthy and routed' },
    { line: 'tandem why rooms --env production --json', what: 'for a script' },
  ],
  description: 'Ends with 1 when something is wrong.',
  async run(context, { args: [name = ''], options }) {
    const { loaded, origins, target } = await openTarget(context, options);
    const { model } = loaded;
    const service = requireService(model, name);
    const clouds = cloudsOf(model, target, service, null);
    const all = await Promise.all(
      clouds.map((cloud) => whyIn(cloud, service, model, origins, context.signal)),
    );
    const problems = all.flatMap((one) => one.problems);
    if (options.json === true) {
      context.terminal.print(JSON.stringify({ service, clouds: all }, null, 2));
      return problems.length === 0 ? exitCodes.fine : exitCodes.failed;
    }
    for (const { cloud, facts } of all) {
      context.terminal.print(context.terminal.style('bold', `${service} in ${cloud}`));
      for (const fact of facts) context.terminal.print(`  ${fact}`);
    }
    if (problems.length > 0) throw new TandemError(problems);
    return exitCodes.fine;
  },
};
