import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** Environment variable: the file that count-reporter.ts writes. */
export const countsFileVariable = 'TANDEM_TEST_COUNTS';

const count = Type.Integer({ minimum: 0 });
const schema = Type.Array(
  Type.Object({
    /** Absolute. */
    path: Type.String(),
    passed: count,
    failed: count,
    skipped: count,
  }),
);

/** How many tests of a file went how. */
export type FileCounts = Type.Static<typeof schema>[number];

/** How many tests went how. */
export type Counts = Omit<FileCounts, 'path'>;

/**
 * Reads what the reporter wrote.
 *
 * @param text null where it wrote nothing, as when vitest itself broke down
 * @returns null where there are no counts that can be read
 */
export function readCounts(text: string | null): FileCounts[] | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return Value.Check(schema, value) ? value : null;
  } catch {
    return null;
  }
}

export function addUp(files: Iterable<Counts>): Counts {
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of files) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}
