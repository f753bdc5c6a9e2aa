import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildSegment } from '../src/index/build-segment.ts';
import { BEGINNING, forgiven, resembling } from '../src/index/match-words.ts';
import { stringAt } from '../src/index/string-table.ts';
import { wordsOf } from '../src/index/words.ts';

const letters = (from: number, to: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ж'), minLength: from, maxLength: to });

test('finds the words whose beginning is so many slips away, and how many those are', () => {
  fc.assert(
    fc.property(fc.array(letters(1, 12), { maxLength: 60 }), letters(1, 12), (words, typed) => {
      const segment = buildSegment(words.map((text) => ({ id: text + Math.random(), text, audience: null })));
      for (const slips of [0, 1, 2]) {
        const best = new Map<string, number>();
        for (const { from, to, fit } of resembling(segment, typed, slips)) {
          for (let word = from; word < to; word++) {
            const text = stringAt(segment.terms, word);
            best.set(text, Math.max(best.get(text) ?? 0, fit));
          }
        }
        const most = Math.min(slips, forgiven(typed));
        const expected = new Set(words.flatMap(wordsOf).filter((word) => slipsIn(word, typed, most) <= most));
        if (most === 0) expect(best.size).toBe(0);
        else expect(best).toEqual(new Map([...expected].map((word) => [word, fitOf(word, typed, most)])));
      }
    }),
    { numRuns: 300 },
  );
});

function fitOf(word: string, typed: string, most: number): number {
  return BEGINNING - slipsIn(word, typed, most);
}

/** The least distance of a beginning of the word to what was typed, by the rules of `resembling`. */
function slipsIn(word: string, typed: string, most: number): number {
  if (most > 1 && word[0] !== typed[0]) return Number.POSITIVE_INFINITY;
  const distances = Array.from({ length: word.length + 1 }, (_, length) => word.slice(0, length))
    .filter((beginning) => typed.length > 3 || beginning.length === typed.length)
    .filter((beginning) => most < 2 || beginning !== '')
    .map((beginning) => distance(beginning, typed));
  return Math.min(...distances);
}

/** Restricted Damerau-Levenshtein, as it is defined. */
function distance(one: string, other: string): number {
  const table = Array.from({ length: one.length + 1 }, (_, row) =>
    Array.from({ length: other.length + 1 }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
  );
  const at = (row: number, column: number) => table[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= one.length; row++) {
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const found = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
        row > 1 && column > 1 && swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      table[row]?.splice(column, 1, found);
    }
  }
  return at(one.length, other.length);
}
