import type { CheckResult } from './check.ts';
import { countFiles, type FileCounts } from './vitest-report.ts';

/** One run of vitest. */
export interface VitestRun {
  /** Null where vitest wrote no report. */
  files: FileCounts[] | null;
  endedWell: boolean;
  /** Vitest's own account of the failures. */
  failures: string;
}

/** More files than these are not chance, and a second try would only take time. */
const mostFiles = 10;

/**
 * Runs tests, and the files with a failure once more, by themselves. These tests start servers, kill them, and wait: on
 * a machine that does a lot besides, one of a thousand can be too late. What passes at the second try has passed, but is
 * named, with how it failed; what fails twice has failed.
 *
 * @param run runs the files; none means all
 */
export async function withSecondTry(
  run: (again: readonly string[] | null) => Promise<VitestRun>,
): Promise<CheckResult> {
  const first = await run(null);
  const failing = first.files?.filter(({ failed }) => failed > 0) ?? [];
  if (first.files === null || failing.length === 0 || failing.length > mostFiles) {
    const counts = countFiles(first.files, first.endedWell);
    return { ...counts, flaky: 0, output: counts.failed === 0 ? '' : first.failures };
  }
  const second = await run(failing.map(({ path }) => path));
  // A file which the second run did not come to has failed as before.
  const again = failing.map((file) => second.files?.find(({ path }) => path === file.path) ?? file);
  const sound = first.files.filter(({ failed }) => failed === 0);
  const counts = countFiles([...sound, ...again], second.endedWell);
  const flaky = failing.reduce(
    (sum, file, index) => sum + Math.max(0, file.failed - (again[index]?.failed ?? 0)),
    0,
  );
  const output = [
    ...(flaky > 0 ? ['What passed at the second try failed at the first:', '', first.failures] : []),
    ...(counts.failed > 0 ? ['What failed at the second try as well:', '', second.failures] : []),
  ];
  return { ...counts, flaky, output: output.join('\n') };
}
