import { expect, test } from 'vitest';
import { readFileLine } from '../../src/checks/checks.ts';

test.each([
  {
    line: ' ✓ |unit| common/test/log.test.ts (12 tests) 340ms',
    file: { path: 'common/test/log.test.ts', tests: 12, failed: 0, words: '12 tests in 340ms' },
  },
  {
    line: ' \u001b[31m❯\u001b[39m \u001b[30m\u001b[42m unit \u001b[49m\u001b[39m a/b.test.ts \u001b[2m(\u001b[22m3 tests | 1 failed | 1 skipped)\u001b[33m 90\u001b[2mms\u001b[22m',
    file: { path: 'a/b.test.ts', tests: 3, failed: 1, words: '3 tests, 1 failed, 1 skipped in 90ms' },
  },
  {
    line: ' ❯ |unit| a/b.test.ts (0 test)',
    file: { path: 'a/b.test.ts', tests: 0, failed: 1, words: '0 tests, failed' },
  },
  { line: '   ✓ a test whose title ends in x.test.ts 340ms', file: null },
  { line: 'console.log of x.test.ts (12 tests)', file: null },
])('$line', ({ line, file }) => {
  expect(readFileLine(line)).toEqual(file);
});
