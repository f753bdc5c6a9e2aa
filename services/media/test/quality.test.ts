import { expect, test } from 'vitest';
import { qualityOf } from '../src/quality.ts';

test.each([
  [[], 'good'],
  [[10], 'good'],
  [[8], 'good'],
  [[7], 'fair'],
  [[5], 'fair'],
  [[4], 'poor'],
  [[0], 'poor'],
  // The larger layers were left out.
  [[9, 0, 0], 'good'],
  [[6, 3, 0], 'fair'],
] as const)('scores %j are %s', (scores, quality) => {
  expect(qualityOf(scores.map((score) => ({ score })))).toBe(quality);
});
