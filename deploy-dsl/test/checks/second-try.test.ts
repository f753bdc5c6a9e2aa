import { describe, expect, test } from 'vitest';
import { type VitestRun, withSecondTry } from '../../src/checks/second-try.ts';

const file = (path: string, passed: number, failed: number) => ({ path, passed, failed, skipped: 0 });
const ran = (files: VitestRun['files'], failures = ''): VitestRun => ({
  files,
  endedWell: files?.every(({ failed }) => failed === 0) ?? false,
  failures,
});

/** Plays runs one after another, and keeps which files each was asked for. */
function played(...runs: VitestRun[]) {
  const asked: (readonly string[] | null)[] = [];
  const run = async (again: readonly string[] | null) => {
    asked.push(again);
    return runs[asked.length - 1] ?? expect.unreachable('one run too many');
  };
  return { run, asked };
}

describe('a file with a failure is run once more', () => {
  test('and what passes then has passed, by name', async () => {
    const { run, asked } = played(
      ran([file('/a', 3, 0), file('/b', 1, 1)], 'b was late'),
      ran([file('/b', 2, 0)]),
    );
    const result = await withSecondTry(run);
    expect(asked).toEqual([null, ['/b']]);
    expect(result).toMatchObject({ passed: 5, failed: 0, flaky: 1 });
    expect(result.output).toContain('b was late');
  });

  test('and what fails then has failed', async () => {
    const { run } = played(
      ran([file('/a', 3, 0), file('/b', 0, 2), file('/c', 4, 1)], 'first'),
      ran([file('/b', 1, 1), file('/c', 5, 0)], 'second'),
    );
    const result = await withSecondTry(run);
    expect(result).toMatchObject({ passed: 9, failed: 1, flaky: 2 });
    expect(result.output).toMatch(/first.*second/s);
  });

  test.each([
    { what: 'without a report', second: ran(null, 'crashed'), failed: 1 },
    { what: 'without that file', second: { files: [], endedWell: true, failures: '' }, failed: 1 },
    {
      what: 'with an error outside of the tests',
      second: { files: [file('/a', 2, 0)], endedWell: false, failures: 'unhandled' },
      failed: 1,
    },
  ])('a second run $what is no success', async ({ second, failed }) => {
    const { run } = played(ran([file('/a', 1, 1)], 'first'), second);
    expect(await withSecondTry(run)).toMatchObject({ failed });
  });
});

test.each([
  { what: 'nothing failed', first: ran([file('/a', 3, 0)]), failed: 0 },
  { what: 'there is no report', first: ran(null, 'no memory'), failed: 1 },
  {
    what: 'vitest ended badly though every test passed',
    first: { files: [file('/a', 3, 0)], endedWell: false, failures: 'unhandled' },
    failed: 1,
  },
  {
    what: 'more failed than chance explains',
    first: ran(
      Array.from({ length: 11 }, (_, i) => file(`/${i}`, 0, 1)),
      'all of it',
    ),
    failed: 11,
  },
])('there is no second try where $what', async ({ first, failed }) => {
  const { run, asked } = played(first);
  const result = await withSecondTry(run);
  expect(asked).toEqual([null]);
  expect(result).toMatchObject({ failed, flaky: 0, output: failed === 0 ? '' : first.failures });
});
