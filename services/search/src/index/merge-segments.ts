import { invert } from './build-segment.ts';
import { entryCount, type Lists, type Segment, USER_MARK } from './segment.ts';
import { compareAt, type StringTable, sharedUint8, sharedUint16, sharedUint32 } from './string-table.ts';
import { buildTrie } from './trie.ts';

/** Strings of several tables in one order: the table of each, and its place there. */
interface Order {
  tables: Uint16Array;
  places: Uint32Array;
}

/**
 * One segment with the entries of several that are not gone: the same that `buildSegment` would make of these entries, put
 * together from the arrays of the segments. As objects and strings a million entries would take ten times their memory.
 *
 * @param sources at most 65,536; an id that is in several is gone in all but one
 */
export function mergeSegments(sources: readonly Segment[]): Segment {
  const entries = orderOf(
    sources.map(({ ids }) => ids),
    sources.map(({ gone }) => gone.map((isGone) => 1 - isGone)),
  );
  const terms = orderOf(
    sources.map((source) => source.terms),
    sources.map(usedTermsOf),
  );
  const { distinct, renumbered } = mergeTerms(sources, terms);
  const packed = pick(
    sources.map((source) => source.terms),
    distinct,
  );
  const userCount = countUsers(packed);
  const restricted = sharedUint8(entries.places.length);
  for (let entry = 0; entry < restricted.length; entry++) {
    restricted[entry] = sources[entries.tables[entry] ?? 0]?.restricted[entries.places[entry] ?? 0] ?? 0;
  }
  const words = pickLists(
    sources.map((source) => source.words),
    entries,
    renumbered,
  );
  const audiences = pickLists(
    sources.map((source) => source.audiences),
    entries,
    renumbered,
  );
  return {
    ids: pick(
      sources.map(({ ids }) => ids),
      entries,
    ),
    texts: pick(
      sources.map(({ texts }) => texts),
      entries,
    ),
    terms: packed,
    userCount,
    trie: buildTrie(packed, userCount),
    words,
    audiences,
    restricted,
    postings: invert(distinct.places.length, restricted.length, (entry) =>
      restricted[entry] === 1 ? audiences : words,
    ),
    gone: sharedUint8(restricted.length),
  };
}

/** 1 for each term that an entry has which is not gone. */
function usedTermsOf(source: Segment): Uint8Array {
  const used = new Uint8Array(source.terms.starts.length - 1);
  for (let entry = 0; entry < entryCount(source); entry++) {
    if (source.gone[entry] !== 0) continue;
    for (const { starts, values } of [source.words, source.audiences]) {
      for (let at = starts[entry] ?? 0; at < (starts[entry + 1] ?? 0); at++) used[values[at] ?? 0] = 1;
    }
  }
  return used;
}

/** All strings that are kept, of sorted tables, in the order of all of them together. */
function orderOf(tables: readonly StringTable[], kept: readonly Uint8Array[]): Order {
  const total = kept.reduce((sum, each) => sum + each.reduce((count, one) => count + one, 0), 0);
  const order = { tables: new Uint16Array(total), places: new Uint32Array(total) };
  const next = kept.map((each) => each.indexOf(1));
  const isBefore = (one: number, other: number) =>
    compareAt(tables[one], next[one] ?? 0, tables[other], next[other] ?? 0) < 0;
  const heap = new Heap(isBefore);
  for (const [table, first] of next.entries()) if (first >= 0) heap.push(table);
  for (let at = 0; at < total; at++) {
    const table = heap.least;
    const place = next[table] ?? 0;
    order.tables[at] = table;
    order.places[at] = place;
    const following = kept[table]?.indexOf(1, place + 1) ?? -1;
    next[table] = following;
    if (following < 0) heap.pop();
    else heap.leastHasGrown();
  }
  return order;
}

/** Which terms are there, each once, and under what number each source's terms stand among them. */
function mergeTerms(
  sources: readonly Segment[],
  order: Order,
): { distinct: Order; renumbered: Uint32Array[] } {
  const renumbered = sources.map(({ terms }) => new Uint32Array(terms.starts.length - 1));
  const distinct = { tables: order.tables.slice(), places: order.places.slice() };
  let count = 0;
  for (let at = 0; at < order.places.length; at++) {
    const [table, place] = [order.tables[at] ?? 0, order.places[at] ?? 0];
    const last = count - 1;
    const isNew =
      count === 0 ||
      compareAt(
        sources[distinct.tables[last] ?? 0]?.terms,
        distinct.places[last] ?? 0,
        sources[table]?.terms,
        place,
      ) !== 0;
    if (isNew) {
      distinct.tables[count] = table;
      distinct.places[count] = place;
      count++;
    }
    const numbers = renumbered[table];
    if (numbers !== undefined) numbers[place] = count - 1;
  }
  return {
    distinct: { tables: distinct.tables.subarray(0, count), places: distinct.places.subarray(0, count) },
    renumbered,
  };
}

/** Users stand before all words. */
function countUsers({ units, starts }: StringTable): number {
  const mark = USER_MARK.charCodeAt(0);
  let users = 0;
  while (users < starts.length - 1 && units[starts[users] ?? 0] === mark) users++;
  return users;
}

/** The strings in that order, in a table of their own. */
function pick(from: readonly StringTable[], { tables, places }: Order): StringTable {
  const starts = sharedUint32(places.length + 1);
  for (let at = 0; at < places.length; at++) {
    const source = from[tables[at] ?? 0]?.starts;
    const place = places[at] ?? 0;
    starts[at + 1] = (starts[at] ?? 0) + (source?.[place + 1] ?? 0) - (source?.[place] ?? 0);
  }
  const units = sharedUint16(starts[places.length] ?? 0);
  let to = 0;
  for (let at = 0; at < places.length; at++) {
    const source = from[tables[at] ?? 0];
    const end = source?.starts[(places[at] ?? 0) + 1] ?? 0;
    for (let unit = source?.starts[places[at] ?? 0] ?? 0; unit < end; unit++) {
      units[to++] = source?.units[unit] ?? 0;
    }
  }
  return { units, starts };
}

/** The lists in that order, with the numbers that their values have now. */
function pickLists(
  from: readonly Lists[],
  { tables, places }: Order,
  renumbered: readonly Uint32Array[],
): Lists {
  const starts = sharedUint32(places.length + 1);
  for (let at = 0; at < places.length; at++) {
    const source = from[tables[at] ?? 0]?.starts;
    const place = places[at] ?? 0;
    starts[at + 1] = (starts[at] ?? 0) + (source?.[place + 1] ?? 0) - (source?.[place] ?? 0);
  }
  const values = sharedUint32(starts[places.length] ?? 0);
  let to = 0;
  for (let at = 0; at < places.length; at++) {
    const table = tables[at] ?? 0;
    const source = from[table];
    const end = source?.starts[(places[at] ?? 0) + 1] ?? 0;
    for (let value = source?.starts[places[at] ?? 0] ?? 0; value < end; value++) {
      values[to++] = renumbered[table]?.[source?.values[value] ?? 0] ?? 0;
    }
  }
  return { starts, values };
}

/** Numbers of tables, of which the one whose turn it is is known at any time. */
class Heap {
  readonly #isBefore: (one: number, other: number) => boolean;
  readonly #items: number[] = [];

  constructor(isBefore: (one: number, other: number) => boolean) {
    this.#isBefore = isBefore;
  }

  get least(): number {
    return this.#items[0] ?? 0;
  }

  push(item: number): void {
    let place = this.#items.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#swapIfBefore(place, parent)) return;
      place = parent;
    }
  }

  pop(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    this.leastHasGrown();
  }

  leastHasGrown(): void {
    for (let place = 0; ; ) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      if (left >= this.#items.length) return;
      const child =
        right < this.#items.length && this.#isBefore(this.#items[right] ?? 0, this.#items[left] ?? 0)
          ? right
          : left;
      if (!this.#swapIfBefore(child, place)) return;
      place = child;
    }
  }

  #swapIfBefore(place: number, parent: number): boolean {
    const [one, other] = [this.#items[place] ?? 0, this.#items[parent] ?? 0];
    if (!this.#isBefore(one, other)) return false;
    this.#items[place] = other;
    this.#items[parent] = one;
    return true;
  }
}
