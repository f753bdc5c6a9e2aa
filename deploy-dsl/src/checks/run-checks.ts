import { createProgress } from '../terminal/progress.ts';
import type { Progress, Terminal } from '../terminal/terminal.ts';
import type { Check, CheckResult } from './check.ts';

/** A check that has run. */
export interface CheckOutcome extends CheckResult {
  name: string;
  ms: number;
}

/** Runs groups of checks one after another, the checks of a group side by side, and shows how they go. */
export async function runChecks(
  groups: readonly (readonly Check[])[],
  terminal: Terminal,
): Promise<CheckOutcome[]> {
  const outcomes: CheckOutcome[] = [];
  const progress = createProgress(terminal);
  try {
    for (const group of groups) {
      outcomes.push(...(await Promise.all(group.map((check) => runCheck(check, progress)))));
    }
  } finally {
    progress.close();
  }
  return outcomes;
}

async function runCheck(check: Check, progress: Progress): Promise<CheckOutcome> {
  const step = progress.step(check.name);
  const startedAt = performance.now();
  try {
    const result = await check.run((detail) => step.update(detail));
    const counts = result.passed + result.failed === 1 ? '' : countsOf(result);
    if (result.failed > 0) {
      step.fail(counts);
    } else {
      step.done(counts);
    }
    return { ...result, name: check.name, ms: performance.now() - startedAt };
  } catch (error) {
    step.fail('stopped');
    throw error;
  }
}

/** `412 passed (1 at a later try), 2 failed, 1 skipped`; what is none is left out but for the passed. */
export function countsOf({ passed, failed, skipped, flaky }: Omit<CheckResult, 'output'>): string {
  const parts = [
    `${passed} passed${flaky > 0 ? ` (${flaky} at a later try)` : ''}`,
    failed > 0 ? `${failed} failed` : '',
    skipped > 0 ? `${skipped} skipped` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
