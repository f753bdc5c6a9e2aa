import type { Segment } from './segment.ts';
import { lowerBound } from './string-table.ts';
import { childOf, ROOT, type Trie } from './trie.ts';

/** How well a word of the index fits a word that was typed: one less for each slip, 0 when it does not. */
export const BEGINNING = 3;
export const WHOLE = 4;

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
 * that changed places (the restricted Damerau-Levenshtein distance).
 *
 * - of three letters none may be missing or too many: "an" would fit too many of "ana"
 * - where two slips are forgiven the first letter must be right, as it nearly always is
 *
 * @param slips at most, and no more than are forgiven in a word of this length
 * @returns best fits first; a word may be in several ranges
 */
export function resembling(segment: Segment, typed: string, slips: number): WordRange[] {
  const walk = new Walk(segment.trie, typed, Math.min(slips, forgiven(typed)));
  return walk.found.sort((one, other) => other.fit - one.fit);
}

/**
 * Reads a typed word along the trie. All letters that may follow are only tried where a slip may still come; after the
 * last one the rest is looked up, which takes next to no time.
 */
class Walk {
  readonly found: WordRange[] = [];
  readonly #trie: Trie;
  /** UTF-16 code units: read many thousand times, and a string takes ten times as long. */
  readonly #typed: Uint16Array;
  readonly #slips: number;
  readonly #sameLength: boolean;

  constructor(trie: Trie, typed: string, slips: number) {
    this.#trie = trie;
    this.#typed = Uint16Array.from({ length: typed.length }, (_, at) => typed.charCodeAt(at));
    this.#slips = slips;
    this.#sameLength = typed.length <= 3;
    if (slips === 1) this.#read(ROOT, 0, 1);
    else if (slips > 1) this.#readLetter(ROOT, 0, 1, slips);
  }

  /** The first `at` letters of what was typed led to the node; so many more slips may come. */
  #read(node: number, at: number, slips: number): void {
    if (at === this.#typed.length) {
      const { from, to } = this.#trie;
      this.found.push({ from: from[node] ?? 0, to: to[node] ?? 0, fit: BEGINNING - (this.#slips - slips) });
      return;
    }
    if (slips === 0) {
      this.#readLetter(node, at, at + 1, 0);
      return;
    }
    if (!this.#sameLength) this.#read(node, at + 1, slips - 1);
    const { letters, children } = this.#trie;
    const right = this.#typed[at];
    const next = this.#typed[at + 1];
    const end = children[node + 1] ?? 0;
    for (let child = children[node] ?? 0; child < end; child++) {
      const letter = letters[child];
      if (letter === right) {
        this.#read(child, at + 1, slips);
        continue;
      }
      this.#read(child, at + 1, slips - 1);
      if (!this.#sameLength) this.#read(child, at, slips - 1);
      if (letter === next) this.#readLetter(child, at, at + 2, slips - 1);
    }
  }

  /** Only the letter `at` may follow; then comes the one at `next`. */
  #readLetter(node: number, at: number, next: number, slips: number): void {
    const child = childOf(this.#trie, node, this.#typed[at] ?? 0);
    if (child !== ROOT) this.#read(child, next, slips);
  }
}
