import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** The part of vitest's JSON report that counts. */
const reportSchema = Type.Object({
  testResults: Type.Array(
    Type.Object({
      name: Type.String(),
      status: Type.String(),
      assertionResults: Type.Array(Type.Object({ status: Type.String() })),
    }),
  ),
});

/** How many tests went how. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What vitest reports of one file. */
export interface FileCounts extends Counts {
  /** Absolute. */
  path: string;
}

/**
 * Reads what vitest reports. A file that fails without a failing test (a syntax error, a hook) counts as one failure.
 *
 * @param report text of the JSON report; null where none was written
 * @returns null where there is no report that can be read
 */
export function readReport(report: string | null): FileCounts[] | null {
  const parsed = report === null ? null : parseReport(report);
  return (
    parsed?.testResults.map(({ name, status, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed').length;
      const passed = assertionResults.filter((test) => test.status === 'passed').length;
      return {
        path: name,
        passed,
        failed: status === 'failed' ? Math.max(1, failed) : failed,
        skipped: assertionResults.length - failed - passed,
      };
    }) ?? null
  );
}

/**
 * Adds up the files. Vitest itself counts as one failure when it ends badly although every test passed, or without a
 * report: nothing that went wrong may look like success.
 *
 * @param endedWell vitest's exit code was 0
 */
export function countFiles(files: readonly FileCounts[] | null, endedWell: boolean): Counts {
  if (files === null) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const total = (key: keyof Counts) => files.reduce((sum, file) => sum + file[key], 0);
  const failed = total('failed');
  return {
    passed: total('passed'),
    failed: failed === 0 && !endedWell ? 1 : failed,
    skipped: total('skipped'),
  };
}

function parseReport(text: string): Type.Static<typeof reportSchema> | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(reportSchema, value) ? value : null;
  } catch {
    return null;
  }
}
