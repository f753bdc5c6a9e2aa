import { planExplained } from '../deploy/deploy.ts';
import { historyNotes, pastOf, readRecentHistory } from '../deploy/history.ts';
import { Releases } from '../deploy/releases.ts';
import { exitCodes } from '../language/diagnostic.ts';
import { planData } from '../plan/data.ts';
import { isEmpty } from '../plan/plan.ts';
import { renderPlan } from '../plan/words.ts';
import type { Command } from './command.ts';
import { openEnvironment } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';

/** `tandem plan` */
export const plan: Command = {
  args: [],
  options: [...environmentOptions, jsonOption],
  examples: [
    { line: 'tandem plan', what: 'what a deploy would change on this machine' },
    { line: 'tandem plan --env production', what: 'the same for production' },
    { line: 'tandem plan --json', what: 'for a script; the exit code is 3 when there are changes' },
  ],
  description:
    'Compares services.yml with what runs, in Nomad, Consul and RabbitMQ themselves: what was changed by hand shows up, ' +
    'too. Counts that the autoscaler owns are left alone, values that look like secrets are never shown. ' +
    'Ends with 0 when there is nothing to change, with 3 when there is.',
  async run(context, { options }) {
    const { loaded, compiled, origins, target } = await openEnvironment(context, options);
    const history = await readRecentHistory(target);
    const past = pastOf(history, new Releases(target));
    const planned = await planExplained({ wanted: { model: loaded.model, compiled }, target, origins }, past);
    const { terminal } = context;
    if (options.json === true) {
      terminal.print(JSON.stringify(planData(planned), null, 2));
    } else {
      for (const line of renderPlan(planned, terminal)) terminal.print(line);
      for (const line of historyNotes(history, terminal, Date.now())) terminal.print(line);
    }
    return isEmpty(planned) ? exitCodes.fine : exitCodes.changes;
  },
};
