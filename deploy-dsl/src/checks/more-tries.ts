import type { CheckResult } from './check.ts';
import { addUp, type FileCounts } from './vitest-counts.ts';

/** One run of vitest. */
export interface VitestRun {
  /** Null where vitest left no counts. */
  files: FileCounts[] | null;
  endedWell: boolean;
  /** Vitest's own account of the failures. */
  failures: string;
}

/** With the first. */
const mostTries = 3;

/** More files than these are not chance, and another try would only take time. */
const mostFiles = 10;

/**
 * Runs tests, and the files with a failure up to two times more, by themselves. These tests start servers, kill them, and
 * wait: on a machine that does a lot besides, one of a thousand can be too late. What passes at a later try has passed, but
 * is named, with how it failed; what fails every time has failed. A run that ends badly and blames no file (vitest itself
 * broke down) is repeated as it was, and counts as one failure if it ends so every time: nothing that went wrong may look
 * like success.
 *
 * @param run runs the files; none means all
 */
export async function withMoreTries(
  run: (again: readonly string[] | null) => Promise<VitestRun>,
): Promise<CheckResult> {
  const files = new Map<string, FileCounts>();
  const worst = new Map<string, number>();
  const accounts: string[] = [];
  let wanted: readonly string[] | null = null;
  let breakdowns = 0;
  for (let tries = 1; ; tries++) {
    const ran: VitestRun = await run(wanted);
    for (const file of ran.files ?? []) {
      files.set(file.path, file);
      worst.set(file.path, Math.max(file.failed, worst.get(file.path) ?? 0));
    }
    const blamesFile = ran.files?.some(({ failed }) => failed > 0) ?? false;
    const brokeDown = ran.files === null || (!ran.endedWell && !blamesFile);
    // A file which this run did not come to has failed as before.
    const failing = [...files.values()].filter(({ failed }) => failed > 0).map(({ path }) => path);
    if (brokeDown) breakdowns++;
    if (brokeDown || failing.length > 0) accounts.push(`Try ${tries}: ${ran.failures}`);

    const isOver = (!brokeDown && failing.length === 0) || failing.length > mostFiles || tries === mostTries;
    if (isOver) {
      const counts = addUp(files.values());
      const failed = Math.max(counts.failed, brokeDown ? 1 : 0);
      const better = [...files.values()].reduce(
        (sum, file) => sum + (worst.get(file.path) ?? 0) - file.failed,
        0,
      );
      const flaky = better + (breakdowns > 0 && !brokeDown ? 1 : 0);
      return { ...counts, failed, flaky, output: accounts.join('\n\n') };
    }
    if (!brokeDown) wanted = failing;
  }
}
