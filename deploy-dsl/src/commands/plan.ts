import { planExplained } from '../deploy/deploy.ts';
import { historyNotes, pastOf, readRecentHistory } from '../deploy/history.ts';
import { Releases } from '../deploy/releases.ts';
import { exitCodes } from '../language/diagnostic.ts';
import { type Explained, explain } from '../language/explain.ts';
import { looksSecret } from '../plan/change.ts';
import { planData } from '../plan/data.ts';
import { explainedTable } from '../plan/explained-table.ts';
import { isEmpty } from '../plan/plan.ts';
import { renderPlan } from '../plan/words.ts';
import type { Command, Context, Invocation } from './command.ts';
import { openEnvironment, openFile } from './environment.ts';
import { displayOf } from './file.ts';
import { environmentOptions, jsonOption } from './options.ts';
import { requireService } from './service-argument.ts';

/** `tandem plan` */
export const plan: Command = {
  args: [],
  options: [
    {
      flags: '--explain [service]',
      description:
        'every value of the services, or of one, and the line that it comes from; no cluster is asked',
    },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem plan', what: 'what a deploy would change on this machine' },
    { line: 'tandem plan --env production', what: 'the same for production' },
    { line: 'tandem plan --explain rooms --env production', what: 'what holds for rooms there, and why' },
    { line: 'tandem plan --json', what: 'for a script; the exit code is 3 when there are changes' },
  ],
  description:
    'Compares services.yml with what runs, in Nomad, Consul and RabbitMQ themselves: what was changed by hand shows up, ' +
    'too. Counts that the autoscaler owns are left alone, values that look like secrets are never shown. ' +
    'Ends with 0 when there is nothing to change, with 3 when there is.',
  async run(context, { options }) {
    if (options.explain !== undefined) return explainFile(context, options);
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

/** A password has no place in the file; where one is written all the same, it is not repeated. */
function withoutSecret(explained: Explained): Explained {
  const variable = /^env\.(.+)$/.exec(explained.key)?.[1];
  const hide = variable !== undefined && looksSecret(variable, explained.value);
  return hide ? { ...explained, value: '(hidden)' } : explained;
}

/** `tandem plan --explain`: what the file means, whatever runs. */
async function explainFile(context: Context, options: Invocation['options']): Promise<0> {
  const { file, environment, loaded } = await openFile(context, options);
  const { terminal } = context;
  const named = typeof options.explain === 'string' ? [requireService(loaded.model, options.explain)] : null;
  const services = (named ?? Object.keys(loaded.model.services)).map((name) => ({
    name,
    values: explain(loaded, name).map(withoutSecret),
  }));
  if (options.json === true) {
    terminal.print(JSON.stringify({ environment, services }, null, 2));
    return exitCodes.fine;
  }
  for (const [index, { name, values }] of services.entries()) {
    if (index > 0) terminal.print('');
    terminal.print(`${terminal.style('bold', name)} in ${environment}`);
    terminal.print(explainedTable(terminal, displayOf(context, file), values));
  }
  return exitCodes.fine;
}
