import { expect, test } from 'vitest';
import { TokenBucket } from '../src/token-bucket.ts';

test('a burst goes through at once, and then so many a second', () => {
  let now = 0;
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, () => now);
  expect([bucket.take(2), bucket.take(2)]).toEqual([2, 1]);
  expect(bucket.takeOne()).toBe(500);
  now = 250;
  expect(bucket.takeOne()).toBe(250);
  now = 500;
  expect(bucket.takeOne()).toBe(0);
  now = 1_000_000;
  expect(bucket.take(10)).toBe(3);
});
