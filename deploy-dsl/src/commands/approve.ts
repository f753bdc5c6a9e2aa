import type { DeployOutcome } from '../deploy/deploy.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { notConfirmed } from '../language/errors/deploy.ts';
import type { Plan } from '../plan/plan.ts';
import { renderPlan } from '../plan/words.ts';
import type { Context } from './command.ts';
import { canAsk, confirm } from './confirm.ts';

/**
 * Shows a plan and asks for a yes.
 *
 * @param ask `never`: the yes was given on the command line, or it is the stack of this machine
 */
export function approval(
  context: Context,
  question: string,
  ask: 'always' | 'never',
): (plan: Plan) => Promise<boolean> {
  return async (plan) => {
    for (const line of renderPlan(plan, context.terminal)) context.terminal.print(line);
    if (ask === 'never') return true;
    if (!canAsk(context)) throw new TandemError([notConfirmed(plan.environment)], exitCodes.badInput);
    return confirm(context, question);
  };
}

/** How it ended, in a line. */
export function outcomeWords({ kind, plan, release }: DeployOutcome): string[] {
  if (kind === 'unchanged') return [`${plan.environment} is as wanted already: nothing to deploy.`];
  return kind === 'declined' ? ['Nothing was changed.'] : [`Release ${release?.number} runs.`];
}
