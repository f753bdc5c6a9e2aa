import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { CheckResult } from './check.ts';

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

/**
 * Counts what vitest reports. A file that fails without a failing test (a syntax error, a hook) counts as one
 * failure, and so does vitest itself when it ends badly although every test passed: nothing that went wrong may
 * look like success.
 *
 * @param report text of the JSON report; null where none was written
 * @param endedWell vitest's exit code was 0
 */
export function countReport(report: string | null, endedWell: boolean): Omit<CheckResult, 'output'> {
  const parsed = report === null ? null : parseReport(report);
  if (parsed === null) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const { status, assertionResults } of parsed.testResults) {
    const failedHere = assertionResults.filter((test) => test.status === 'failed').length;
    const passedHere = assertionResults.filter((test) => test.status === 'passed').length;
    passed += passedHere;
    failed += status === 'failed' ? Math.max(1, failedHere) : failedHere;
    skipped += assertionResults.length - failedHere - passedHere;
  }
  return { passed, failed: failed === 0 && !endedWell ? 1 : failed, skipped };
}

function parseReport(text: string): Type.Static<typeof reportSchema> | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(reportSchema, value) ? value : null;
  } catch {
    return null;
  }
}
