import { expectedJobs } from '../inspect/status.ts';
import { isWell, whyIn } from '../inspect/why.ts';
import { whyLines } from '../inspect/why-view.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import { cloudsOf } from '../operate/roll.ts';
import type { Command } from './command.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';
import { requireService } from './service-argument.ts';

/** `tandem why <service>` */
export const why: Command = {
  args: [{ name: '<service>', description: 'service of the file, or edge, rabbitmq, <service>-redis' }],
  options: [...environmentOptions, jsonOption],
  examples: [
    { line: 'tandem why rooms', what: 'why rooms is (not) placed, healthy and routed' },
    { line: 'tandem why rooms --env production --json', what: 'for a script' },
  ],
  description:
    'Node by node: which would take one more instance, and what stands against it. Instance by instance: how it is, how ' +
    'it ended, what its check says, its last words. Edge by edge: where it really sends requests. Also for `edge`, ' +
    '`rabbitmq` and a persistent Redis (`rooms-redis`). Ends with 1 when something is wrong.',
  async run(context, { args: [name = ''], options }) {
    const { loaded, origins, target } = await openTarget(context, options);
    const { model } = loaded;
    const job = requireJob(model, name);
    const owner = model.services[job] === undefined ? job.replace(/-redis$/, '') : job;
    const clouds = model.services[owner] === undefined ? target.clouds : cloudsOf(model, target, owner, null);
    const { signal, terminal } = context;
    const all = await Promise.all(
      clouds.map((cloud) => whyIn(cloud, job, { target, model, origins, signal })),
    );
    const problems = all.flatMap((one) => one.problems);
    const code = all.every(isWell) ? exitCodes.fine : exitCodes.failed;
    if (options.json === true) {
      terminal.print(JSON.stringify({ job, clouds: all }, null, 2));
      return code;
    }
    for (const [index, why] of all.entries()) {
      if (index > 0) terminal.print();
      for (const line of whyLines(terminal, job, why, Date.now())) terminal.print(line);
    }
    if (problems.length > 0) {
      terminal.print();
      throw new TandemError(problems);
    }
    return code;
  },
};

/** A service, or a job that Tandem itself adds. @throws TandemError (exit 2) */
function requireJob(model: Model, name: string): string {
  const added = new Set(model.clouds.flatMap((cloud) => expectedJobs(model, cloud.name)));
  return added.has(name) ? name : requireService(model, name);
}
