import { author } from '../deploy/author.ts';
import { type DeployOutcome, deploy } from '../deploy/deploy.ts';
import type { Plan } from '../plan/plan.ts';
import type { Progress } from '../terminal/terminal.ts';
import type { Context } from './command.ts';
import type { Environment } from './environment.ts';

export interface DeployOptions {
  progress: Progress;
  /** Shows the plan, and asks where that is wanted; left out: goes ahead. */
  approve?: (plan: Plan) => Promise<boolean>;
  forceUnlock?: boolean;
}

/**
 * Brings an environment to what its file says: what `deploy` does, and `up` once the agents run. Returns when every
 * instance is healthy and every edge has its routes; a second time it finds nothing to do.
 *
 * @throws TandemError that says why not, at the line that caused it
 */
export async function deployFile(
  context: Context,
  { loaded, origins, compiled, target }: Environment,
  { progress, approve = async () => true, forceUnlock = false }: DeployOptions,
): Promise<DeployOutcome> {
  return deploy({
    wanted: { model: loaded.model, compiled, file: origins.file, source: origins.source },
    origins,
    target,
    root: context.root,
    who: author(context.env),
    rollbackTo: null,
    forceUnlock,
    progress,
    signal: context.signal,
    approve,
  });
}
