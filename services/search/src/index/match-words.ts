import type { Segment } from './segment.ts';
import { countOf, lowerBound } from './string-table.ts';
import { LONGEST_WORD } from './words.ts';

/** How well a word of the index fits a word that was typed; 0 when it does not. */
export const TYPO = 1;
export const BEGINNING = 2;
export const WHOLE = 3;

/** Words of the index that fit, as a range of numbers [from, to), all to the same degree. */
export interface WordRange {
  from: number;
  to: number;
  fit: number;
}

/** The words that begin with what was typed, the very word itself first. */
export function beginningWith({ terms }: Segment, typed: string): WordRange[] {
  const from = lowerBound(terms, typed);
  // No word contains the last code unit, so this stands after all words with the prefix.
  const to = lowerBound(terms, `${typed}\uffff`);
  const second = Math.min(lowerBound(terms, `${typed}\u0000`), to);
  return [
    { from, to: second, fit: WHOLE },
    { from: second, to, fit: BEGINNING },
  ].filter((range) => range.from < range.to);
}

/** So many slips of the finger are forgiven in a word of this length. */
export function forgiven(typed: string): number {
  if (typed.length < 3) return 0;
  return typed.length < 8 ? 1 : 2;
}

/**
 * The words whose beginning differs from what was typed by a few slips: a letter too much, too few, another one, or two
 * that changed places (the restricted Damerau-Levenshtein distance). The sorted words are walked as the trie that they
 * are: a node is a range of words with a common prefix.
 *
 * - of three letters none may be missing or too many: "an" would fit too many of "ana"
 * - where two slips are forgiven the first letter must be right, as it nearly always is
 */
export function resembling(segment: Segment, typed: string): WordRange[] {
  const most = forgiven(typed);
  if (most === 0) return [];
  const walk = new Walk(segment, typed, most);
  walk.visit(segment.userCount, countOf(segment.terms), 0);
  return walk.found;
}

class Walk {
  readonly found: WordRange[] = [];
  readonly #units: Uint16Array;
  readonly #starts: Uint32Array;
  readonly #typed: string;
  readonly #most: number;
  /** The distance of each beginning of the typed word to the path, a row per letter of the path. */
  readonly #rows: Uint8Array[];
  readonly #path: number[] = [];

  constructor({ terms }: Segment, typed: string, most: number) {
    this.#units = terms.units;
    this.#starts = terms.starts;
    this.#typed = typed;
    this.#most = most;
    this.#rows = Array.from({ length: LONGEST_WORD + 2 }, () => new Uint8Array(typed.length + 1));
    this.#rows[0]?.set(Array.from({ length: typed.length + 1 }, (_, length) => length));
  }

  /** Words [from, to) have the first `depth` letters in common. */
  visit(from: number, to: number, depth: number): void {
    let next = from;
    // Sorted, so the word that ends here is the first one.
    if (next < to && this.#lengthOf(next) === depth) next++;
    while (next < to) {
      const letter = this.#letterAt(next, depth);
      const end = this.#endOfLetter(next, to, depth, letter);
      this.#descend(next, end, depth, letter);
      next = end;
    }
  }

  #descend(from: number, to: number, depth: number, letter: number): void {
    if (this.#most > 1 && depth === 0 && letter !== this.#typed.charCodeAt(0)) return;
    this.#path[depth] = letter;
    const least = this.#fillRow(depth + 1, letter);
    if (least > this.#most) return;
    const distance = this.#rows[depth + 1]?.[this.#typed.length] ?? Number.POSITIVE_INFINITY;
    const sameLength = this.#typed.length > 3 || depth + 1 === this.#typed.length;
    if (distance <= this.#most && sameLength) this.found.push({ from, to, fit: TYPO });
    else if (depth < LONGEST_WORD) this.visit(from, to, depth + 1);
  }

  /** @returns the least distance in the row: no word below can be nearer */
  #fillRow(depth: number, letter: number): number {
    const row = this.#rows[depth];
    const above = this.#rows[depth - 1];
    const twoAbove = this.#rows[depth - 2];
    if (row === undefined || above === undefined) return Number.POSITIVE_INFINITY;
    const typed = this.#typed;
    row[0] = depth;
    let least = depth;
    for (let at = 1; at <= typed.length; at++) {
      const same = typed.charCodeAt(at - 1) === letter;
      let distance = Math.min(
        (row[at - 1] ?? 0) + 1,
        (above[at] ?? 0) + 1,
        (above[at - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        twoAbove !== undefined &&
        at > 1 &&
        typed.charCodeAt(at - 2) === letter &&
        typed.charCodeAt(at - 1) === this.#path[depth - 2];
      if (swapped) distance = Math.min(distance, (twoAbove[at - 2] ?? 0) + 1);
      row[at] = distance;
      if (distance < least) least = distance;
    }
    return least;
  }

  #lengthOf(word: number): number {
    return (this.#starts[word + 1] ?? 0) - (this.#starts[word] ?? 0);
  }

  #letterAt(word: number, depth: number): number {
    return this.#units[(this.#starts[word] ?? 0) + depth] ?? 0;
  }

  /** The first word from `from` on whose letter at `depth` is another one: by steps that double, then by halves. */
  #endOfLetter(from: number, to: number, depth: number, letter: number): number {
    let low = from;
    let step = 1;
    while (low + step < to && this.#letterAt(low + step, depth) === letter) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, to);
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.#letterAt(middle, depth) === letter) low = middle;
      else high = middle;
    }
    return high;
  }
}
