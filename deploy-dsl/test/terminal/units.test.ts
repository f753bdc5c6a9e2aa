import { describe, expect, test } from 'vitest';
import { formatAgo, formatDuration, formatElapsed } from '../../src/terminal/duration.ts';
import { formatBytes, formatMiB } from '../../src/terminal/size.ts';

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [999.9, '999 ms'],
    [1000, '1.0 s'],
    [9999, '9.9 s'],
    [59_999, '59 s'],
    [60_000, '1 m 00 s'],
    [211_000, '3 m 31 s'],
    [3_599_999, '59 m 59 s'],
    [7_800_000, '2 h 10 m'],
    [446_400_000, '5 d 4 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('a clock that is redrawn shows whole seconds', () => {
    expect([200, 4_900, 61_000].map(formatElapsed)).toEqual(['0 s', '4 s', '1 m 01 s']);
  });

  test.each([
    [-5000, 'just now'],
    [1999, 'just now'],
    [59_000, '59 s ago'],
    [3_540_000, '59 m ago'],
    [86_399_000, '23 h ago'],
    [200_000_000, '2 d ago'],
  ])('%d ms since is %s', (ms, text) => {
    expect(formatAgo(ms)).toBe(text);
  });
});

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [1536, '1.5 KB'],
    [10_240, '10 KB'],
    [1_048_500, '1 MB'],
    [112_197_632, '107 MB'],
    [5e15, '4547 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('the unit of the model is MiB', () => {
    expect([64, 1536, 1024].map(formatMiB)).toEqual(['64 MB', '1.5 GB', '1 GB']);
  });
});
