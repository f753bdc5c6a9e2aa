import { describe, expect, test } from 'vitest';
import { type VitestRun, withMoreTries } from '../../src/checks/more-tries.ts';

const file = (path: string, passed: number, failed: number) => ({ path, passed, failed, skipped: 0 });
const ran = (files: VitestRun['files'], failures = ''): VitestRun => ({
  files,
  endedWell: files?.every(({ failed }) => failed === 0) ?? false,
  failures,
});
const brokeDown: VitestRun = { files: [file('/a', 3, 0)], endedWell: false, failures: 'a worker died' };

/** Plays runs one after another, and keeps which files each was asked for. */
function played(...runs: VitestRun[]) {
  const asked: (readonly string[] | null)[] = [];
  const run = async (again: readonly string[] | null) => {
    asked.push(again);
    return runs[asked.length - 1] ?? expect.unreachable('one run too many');
  };
  return { run, asked };
}

describe('a file with a failure is run again', () => {
  test('and what passes then has passed, by name', async () => {
    const { run, asked } = played(
      ran([file('/a', 3, 0), file('/b', 1, 1)], 'b was late'),
      ran([file('/b', 2, 0)]),
    );
    const result = await withMoreTries(run);
    expect(asked).toEqual([null, ['/b']]);
    expect(result).toEqual({ passed: 5, failed: 0, skipped: 0, flaky: 1, output: 'Try 1: b was late' });
  });

  test('a third time, if it has to be; only what still fails', async () => {
    const { run, asked } = played(
      ran([file('/a', 3, 0), file('/b', 0, 2), file('/c', 4, 1)], 'first'),
      ran([file('/b', 1, 1), file('/c', 5, 0)], 'second'),
      ran([file('/b', 2, 0)]),
    );
    const result = await withMoreTries(run);
    expect(asked).toEqual([null, ['/b', '/c'], ['/b']]);
    expect(result).toMatchObject({
      passed: 10,
      failed: 0,
      flaky: 3,
      output: 'Try 1: first\n\nTry 2: second',
    });
  });

  test('and what fails every time has failed', async () => {
    const { run } = played(
      ran([file('/a', 3, 0), file('/b', 0, 2)], 'first'),
      ran([file('/b', 1, 1)], 'second'),
      ran([file('/b', 1, 1)], 'third'),
    );
    const result = await withMoreTries(run);
    expect(result).toMatchObject({ passed: 4, failed: 1, flaky: 1 });
    expect(result.output).toMatch(/first.*second.*third/s);
  });

  test.each([
    { what: 'without counts', later: ran(null, 'crashed') },
    { what: 'without that file', later: { files: [], endedWell: true, failures: '' } },
    { what: 'that end badly', later: brokeDown },
  ])('later runs $what are no success', async ({ later }) => {
    const { run, asked } = played(ran([file('/a', 1, 0), file('/b', 1, 1)], 'first'), later, later);
    expect(await withMoreTries(run)).toMatchObject({ failed: 1, flaky: 0 });
    expect(asked).toEqual([null, ['/b'], ['/b']]);
  });
});

describe('a run that ends badly and blames no file', () => {
  test('is repeated as it was', async () => {
    const { run, asked } = played(
      ran(null, 'no memory'),
      brokeDown,
      ran([file('/a', 3, 0), file('/b', 2, 0)]),
    );
    const result = await withMoreTries(run);
    expect(asked).toEqual([null, null, null]);
    expect(result).toMatchObject({ passed: 5, failed: 0, flaky: 1 });
    expect(result.output).toMatch(/no memory.*a worker died/s);
  });

  test('every time is one failure', async () => {
    const { run } = played(brokeDown, brokeDown, brokeDown);
    expect(await withMoreTries(run)).toMatchObject({ passed: 3, failed: 1, flaky: 0 });
  });
});

test.each([
  { what: 'nothing failed', first: ran([file('/a', 3, 0)]), failed: 0, output: '' },
  {
    what: 'more failed than chance explains',
    first: ran(
      Array.from({ length: 11 }, (_, i) => file(`/${i}`, 0, 1)),
      'all of it',
    ),
    failed: 11,
    output: 'Try 1: all of it',
  },
])('there is one try where $what', async ({ first, failed, output }) => {
  const { run, asked } = played(first);
  expect(await withMoreTries(run)).toMatchObject({ failed, flaky: 0, output });
  expect(asked).toEqual([null]);
});
