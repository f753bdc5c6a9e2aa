import { connect, type Target } from '../cluster/target.ts';
import { author } from '../deploy/author.ts';
import { deploy } from '../deploy/deploy.ts';
import { historyNotes, readHistory } from '../deploy/history.ts';
import type { ReleaseSet } from '../deploy/release.ts';
import { Releases } from '../deploy/releases.ts';
import { releaseDetails, releaseTable } from '../deploy/releases-view.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { releaseNumberWanted } from '../language/errors/deploy.ts';
import { loadSource } from '../language/load.ts';
import type { Origins } from '../language/origins.ts';
import { readStack } from '../local/stack.ts';
import { createProgress } from '../terminal/progress.ts';
import { approval, outcomeWords } from './approve.ts';
import type { Command, Context, Invocation } from './command.ts';
import { environmentOf, openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';

/** `tandem rollback [release]` */
export const rollback: Command = {
  args: [{ name: '[release]', description: 'number of the release to go back to; left out: lists them' }],
  options: [
    { flags: '--show <release>', description: 'all about one release: what changed, and why it failed' },
    { flags: '-y, --yes', description: 'do not ask' },
    { flags: '--force-unlock', description: 'take the lock from another deploy, which then stops' },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem rollback', what: 'the last releases: what changed in each, when, by whom' },
    { line: 'tandem rollback 12', what: 'show what going back to release 12 would change, and ask' },
    { line: 'tandem rollback 12 --yes', what: 'go back at once' },
    {
      line: 'tandem rollback --show 13',
      what: 'what release 13 was, and the last words of what failed in it',
    },
  ],
  description:
    'A release is a set: the jobs, the routes and the queues of every cloud as they were. Going back deploys that set ' +
    'like any other, as a new release; services.yml is not touched, and need not even be valid.',
  async run(context, { args, options }) {
    const target = await openForRollback(context, options);
    const releases = new Releases(target);
    const { terminal } = context;
    if (typeof options.show === 'string') {
      const record = await releases.get(numberOf(options.show));
      const set = await releases.set(record).catch(() => null);
      if (options.json === true) terminal.print(JSON.stringify(record, null, 2));
      else for (const line of releaseDetails(record, set, terminal)) terminal.print(line);
      return exitCodes.fine;
    }
    const [wanted] = args;
    if (wanted === undefined) {
      const history = await readHistory(target);
      if (options.json === true) {
        terminal.print(
          JSON.stringify({ current: history.current?.number ?? null, releases: history.releases }, null, 2),
        );
        return exitCodes.fine;
      }
      for (const line of releaseTable(history, terminal, Date.now())) terminal.print(line);
      for (const line of historyNotes(history, terminal, Date.now())) terminal.print(line);
      return exitCodes.fine;
    }
    const record = await releases.get(numberOf(wanted));
    return goBack(context, options, record.number, await releases.set(record));
  },
};

async function goBack(context: Context, options: Invocation['options'], number: number, set: ReleaseSet) {
  const { terminal } = context;
  const stack = set.model.local ? await readStack(context.root) : null;
  const progress = createProgress(terminal);
  const outcome = await deploy({
    wanted: set,
    origins: originsOf(set, number),
    target: connect(set.model, stack, context.env),
    root: context.root,
    who: author(context.env),
    rollbackTo: number,
    forceUnlock: options.forceUnlock === true,
    progress,
    signal: context.signal,
    approve: approval(context, `Go back to release ${number}?`, options.yes === true ? 'never' : 'always'),
  }).finally(() => progress.close());
  for (const line of outcomeWords(outcome)) terminal.print(line);
  return exitCodes.fine;
}

/**
 * The clusters of the environment. At three in the morning the file may be half edited: then the clouds are those that
 * Nomad itself knows.
 */
async function openForRollback(context: Context, options: Invocation['options']): Promise<Target> {
  try {
    return (await openTarget(context, options)).target;
  } catch (error) {
    if (!(error instanceof TandemError) || error.exitCode !== exitCodes.badInput) throw error;
  }
  const environment = environmentOf(context, options);
  const local = environment === 'local';
  const stack = local ? await readStack(context.root) : null;
  const names = local ? ['local'] : await regionsOf(context.env);
  const clouds = names.map((name) => ({ name, region: null, zones: [], nodes: null }));
  return connect({ environment, local, clouds }, stack, context.env);
}

async function regionsOf(env: NodeJS.ProcessEnv): Promise<string[]> {
  const anywhere = {
    environment: '',
    local: false,
    clouds: [{ name: '', region: null, zones: [], nodes: null }],
  };
  const [cloud] = connect(anywhere, null, env).clouds;
  return cloud === undefined ? [] : cloud.nomad.regions();
}

/** Positions in the file as it was then. A newer Tandem may not read it any more: then there are none. */
function originsOf(set: ReleaseSet, number: number): Origins {
  const file = `${set.file} of release ${number}`;
  try {
    return loadSource(set.source, { file, environment: set.model.environment }).origins;
  } catch {
    return { file, source: set.source, locate: () => null };
  }
}

function numberOf(given: string): number {
  if (!/^\d+$/.test(given)) throw new TandemError([releaseNumberWanted(given)], exitCodes.badInput);
  return Number(given);
}
