import { expect, test } from 'vitest';
import { expectedVersion, versionTag } from '../src/index.ts';

test('a tag names the version it was made of, also when the edge weakened it', () => {
  expect(expectedVersion(versionTag(42))).toBe(42);
  expect(expectedVersion('W/"42"')).toBe(42);
  expect(expectedVersion(' "42" ')).toBe(42);
});

test('without a tag, or with *, any version will do', () => {
  expect(expectedVersion(undefined)).toBeNull();
  expect(expectedVersion('*')).toBeNull();
});

test.each(['42', '"x"', '"1", "2"', '"-1"', '""', '"9999999999999999"'])('%s is refused', (ifMatch) => {
  expect(() => expectedVersion(ifMatch)).toThrow('If-Match must be the ETag of an answer');
});
