import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildSegment } from '../src/index/build-segment.ts';
import { mergeSegments } from '../src/index/merge-segments.ts';
import { type Entry, entryAt, removeFrom } from '../src/index/segment.ts';

const name = fc.oneof(
  fc.constantFrom('Ada Lovelace', 'Zoë Ünal', 'Анна Каренина', 'ada', '林 徽因', '😀 smile', ''),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);

const entries = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 12 }),
    text: name,
    audience: fc.option(fc.uniqueArray(fc.constantFrom('u1', 'u2', 'u3'), { maxLength: 3 })),
    segment: fc.nat(6),
    gone: fc.boolean(),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
);

test('what is merged is what would have been built of the same entries', () => {
  fc.assert(
    fc.property(entries, (all) => {
      const segments = Array.from({ length: 7 }, (_, number) =>
        buildSegment(all.filter(({ segment }) => segment === number)),
      );
      for (const { id, segment, gone } of all) {
        const place = segments[segment];
        if (gone && place !== undefined) removeFrom(place, id);
      }
      const left: Entry[] = all.filter(({ gone }) => !gone);
      expect(mergeSegments(segments)).toEqual(buildSegment(left));
    }),
    { numRuns: 300 },
  );
});

test('an entry that moved to another segment is there once', () => {
  const old = buildSegment([{ id: 'a', text: 'Old name', audience: null }]);
  const now = buildSegment([{ id: 'a', text: 'New name', audience: ['u1'] }]);
  removeFrom(old, 'a');
  const merged = mergeSegments([old, now]);
  expect(merged.gone).toHaveLength(1);
  expect(entryAt(merged, 0)).toEqual({ id: 'a', text: 'New name', audience: ['u1'] });
});

test('nothing but what is gone is an empty segment', () => {
  const segment = buildSegment([{ id: 'a', text: 'Ada', audience: null }]);
  removeFrom(segment, 'a');
  expect(mergeSegments([segment])).toEqual(buildSegment([]));
});
