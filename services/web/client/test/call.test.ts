import { expect, test } from 'vitest';
import { columnsFor } from '../screens/call/grid.ts';

test('pictures of a call are as large as the place allows', () => {
  expect(columnsFor(1, 1200, 700, 8)).toBe(1);
  expect(columnsFor(2, 1200, 700, 8)).toBe(2);
  expect(columnsFor(2, 400, 800, 8)).toBe(1);
  expect(columnsFor(4, 1200, 700, 8)).toBe(2);
  expect(columnsFor(9, 1200, 700, 8)).toBe(3);
  expect(columnsFor(49, 1600, 900, 8)).toBe(7);
  // Before the place was measured.
  expect(columnsFor(3, 0, 0, 8)).toBe(1);
});
