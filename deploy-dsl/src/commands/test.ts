import { type Check, holds } from '../checks/check.ts';
import { hasTests, lintCheck, typesCheck, vitestCheck } from '../checks/checks.ts';
import { type CheckOutcome, runChecks } from '../checks/run-checks.ts';
import { summary } from '../checks/summary.ts';
import { showDiagnostics } from '../cli/show.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { noTestMatches } from '../language/errors/usage.ts';
import type { Command, Context } from './command.ts';
import { commands } from './index.ts';

export const test: Command = {
  args: [{ name: '[filter...]', description: 'part of the path of test files; runs those tests only' }],
  options: [
    { flags: '--lint', description: 'format, lint and types only' },
    { flags: '--unit', description: 'the tests that need no running stack' },
    { flags: '--stack', description: 'the tests against the running stack' },
  ],
  examples: [
    { line: 'tandem test', what: 'everything; brings the stack up for it' },
    { line: 'tandem test --unit --lint', what: 'what needs no stack' },
    { line: 'tandem test rooms', what: 'the tests with "rooms" in their path' },
  ],
  description: `Checks format, lint rules and types, runs the unit tests, and then the tests against the real stack of
    this machine, which it brings up (as \`./tandem up\` does) and leaves running.

    Files with a failed test are run up to two times more, by themselves; what passes then is counted as passed
    and named, with how it failed.

    The last line is always \`N passed, N failed\`, for scripts.`,
  async run(context, { args: filters, options }) {
    const { root, env, signal, terminal } = context;
    const surroundings = { root, env, signal, colour: terminal.screen.colour };
    const everything = !options.lint && !options.unit && !options.stack;
    const wanted = {
      lint: options.lint === true || (everything && filters.length === 0),
      unit: options.unit === true || everything,
      stack: options.stack === true || everything,
    };
    const has = async (project: 'unit' | 'stack') =>
      wanted[project] && (filters.length === 0 || (await hasTests(surroundings, project, filters)));
    const [unit, stack] = await Promise.all([has('unit'), has('stack')]);
    if (!wanted.lint && !unit && !stack) {
      throw new TandemError([noTestMatches(filters)], exitCodes.badInput);
    }
    const outcomes = await runChecks(
      [
        ...(wanted.lint ? [[lintCheck(surroundings), typesCheck(surroundings)]] : []),
        ...(unit ? [[vitestCheck(surroundings, 'unit', 'unit tests', filters)]] : []),
      ],
      terminal,
    );
    if (stack) {
      outcomes.push(
        ...(await stackOutcomes(context, vitestCheck(surroundings, 'stack', 'stack tests', filters))),
      );
    }
    return summary(outcomes, terminal) ? exitCodes.fine : exitCodes.failed;
  },
};

/** Brings the stack up, which is a check of its own, and runs the tests against it if that worked. */
async function stackOutcomes(context: Context, check: Check): Promise<CheckOutcome[]> {
  const startedAt = performance.now();
  // What one `up` did not finish, the next one goes on with.
  const isUp = (await bringUp(context)) || (await bringUp(context));
  const outcome = { name: 'stack is up', ...holds(isUp, ''), ms: performance.now() - startedAt };
  return isUp ? [outcome, ...(await runChecks([[check]], context.terminal))] : [outcome];
}

async function bringUp(context: Context): Promise<boolean> {
  const up = await commands.up?.load();
  try {
    return (await up?.run(context, { args: [], options: {} })) === exitCodes.fine;
  } catch (error) {
    if (!(error instanceof TandemError) || context.signal.aborted) {
      throw error;
    }
    await showDiagnostics(error.diagnostics, context.terminal, context.cwd);
    return false;
  }
}
