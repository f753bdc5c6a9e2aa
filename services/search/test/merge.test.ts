import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstToMerge } from '../src/index/merge.ts';

test.each([
  [[], null],
  [[20_000], null],
  [[20_000, 500], null],
  [[20_000, 500, 500], 1],
  [[20_000, 20_000, 20_000], 0],
  [[20_000, 20_000, 0], 0],
  [[20_000, 20_000, 7], 0],
  [[1_000_000, 20_000, 20_000], 1],
  [[1_000_000, 90_000, 11_000], 0],
])('of %j all are merged from %j on', (sizes, first) => {
  expect(firstToMerge(sizes)).toBe(first);
});

test('however entries come, a million of them are in a few segments', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 100 }), (chunks) => {
      const sizes: number[] = [];
      for (const chunk of chunks) {
        sizes.push(chunk);
        for (let first = firstToMerge(sizes); first !== null; first = firstToMerge(sizes))
          sizes.push(sizes.splice(first).reduce((sum, size) => sum + size, 0));
      }
      expect(sizes.length).toBeLessThanOrEqual(7);
    }),
  );
});
