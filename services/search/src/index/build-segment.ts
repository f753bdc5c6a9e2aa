import { type Entry, type Lists, type Segment, USER_MARK } from './segment.ts';
import { packStrings, sharedUint8, sharedUint32 } from './string-table.ts';
import { buildTrie } from './trie.ts';
import { wordsOf } from './words.ts';

/**
 * Indexes entries: about 3 µs each.
 *
 * @param entries whose ids differ
 */
export function buildSegment(entries: readonly Entry[]): Segment {
  const sorted = [...entries].sort((one, other) => compare(one.id, other.id));
  const terms = new Terms();
  const words = new ListBuilder(sorted.length);
  const audiences = new ListBuilder(sorted.length);
  const restricted = sharedUint8(sorted.length);
  for (const [number, { text, audience }] of sorted.entries()) {
    words.add(wordsOf(text).map((word) => terms.numberOf(word)));
    audiences.add(audience?.map((user) => terms.numberOf(USER_MARK + user)) ?? []);
    restricted[number] = audience === null ? 0 : 1;
  }
  // Terms were numbered as they came; from here on a number is a place in the alphabet.
  const alphabet = terms.inAlphabeticalOrder();
  const packed = packStrings(alphabet.terms);
  const userCount = alphabet.terms.findLastIndex((term) => term.startsWith(USER_MARK)) + 1;
  const segment = {
    terms: packed,
    userCount,
    trie: buildTrie(packed, userCount),
    words: words.renumbered(alphabet.places),
    audiences: audiences.renumbered(alphabet.places),
    restricted,
  };
  return {
    ids: packStrings(sorted.map(({ id }) => id)),
    texts: packStrings(sorted.map(({ text }) => text)),
    ...segment,
    postings: invert(alphabet.terms.length, sorted.length, (entry) =>
      restricted[entry] === 1 ? segment.audiences : segment.words,
    ),
    gone: sharedUint8(sorted.length),
  };
}

/** By UTF-16 code units, as JavaScript compares strings, and as the tables are searched. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

class Terms {
  readonly #numbers = new Map<string, number>();

  numberOf(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(term, number);
    return number;
  }

  /** The terms sorted, and for each number the place that its term has then. */
  inAlphabeticalOrder(): { terms: string[]; places: Uint32Array } {
    const terms = [...this.#numbers.keys()].sort(compare);
    const places = new Uint32Array(terms.length);
    for (const [place, term] of terms.entries()) places[this.numberOf(term)] = place;
    return { terms, places };
  }
}

class ListBuilder {
  readonly #starts: Uint32Array;
  #values = new Uint32Array(1024);
  #lists = 0;
  #length = 0;

  constructor(lists: number) {
    this.#starts = sharedUint32(lists + 1);
  }

  add(values: readonly number[]): void {
    const length = this.#length + values.length;
    if (length > this.#values.length) {
      const larger = new Uint32Array(length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set(values, this.#length);
    this.#length = length;
    this.#starts[++this.#lists] = length;
  }

  renumbered(places: Uint32Array): Lists {
    const values = sharedUint32(this.#length);
    for (let at = 0; at < values.length; at++) values[at] = places[this.#values[at] ?? 0] ?? 0;
    return { starts: this.#starts, values };
  }
}

/**
 * For each term the entries that have it, ascending and each once.
 *
 * @param termsOf the lists in which the terms of an entry stand, under its number
 */
export function invert(terms: number, entries: number, termsOf: (entry: number) => Lists): Lists {
  const starts = sharedUint32(terms + 1);
  for (let entry = 0; entry < entries; entry++) {
    forEachDistinct(termsOf(entry), entry, (term) => {
      starts[term + 1] = (starts[term + 1] ?? 0) + 1;
    });
  }
  for (let term = 0; term < terms; term++) starts[term + 1] = (starts[term + 1] ?? 0) + (starts[term] ?? 0);
  const values = sharedUint32(starts[terms] ?? 0);
  const next = starts.slice();
  for (let entry = 0; entry < entries; entry++) {
    forEachDistinct(termsOf(entry), entry, (term) => {
      const at = next[term] ?? 0;
      values[at] = entry;
      next[term] = at + 1;
    });
  }
  return { starts, values };
}

/** Lists are short, and there are millions: nothing is made to go through one. */
function forEachDistinct({ starts, values }: Lists, list: number, visit: (value: number) => void): void {
  const start = starts[list] ?? 0;
  const end = starts[list + 1] ?? 0;
  for (let at = start; at < end; at++) {
    const value = values[at] ?? 0;
    let before = start;
    while (values[before] !== value) before++;
    if (before === at) visit(value);
  }
}
