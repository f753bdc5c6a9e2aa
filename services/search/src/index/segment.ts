import { countOf, lowerBound, type StringTable, stringAt } from './string-table.ts';
import type { Trie } from './trie.ts';

/** What can be found. */
export interface Entry {
  /** Unique over all entries, such as `user:42`. */
  id: string;
  /** What is shown, and searched. */
  text: string;
  /** Ids of the users who may find it; null when every registered user may. */
  audience: readonly string[] | null;
}

/** Lists of numbers, one after the other: list `n` stands from `starts[n]` up to `starts[n + 1]`. */
export interface Lists {
  starts: Uint32Array;
  values: Uint32Array;
}

/**
 * An index that does not change, but for entries that are marked as gone. All of it is typed arrays on shared memory: a
 * million entries are a dozen objects to the garbage collector, and another thread reads them without a copy.
 *
 * Terms are sorted, so that words with a common prefix have consecutive numbers, and so have their postings: what a
 * prefix of any length finds is one slice of `postings.values`.
 */
export interface Segment {
  /** Sorted; the number of an entry is its place here. */
  ids: StringTable;
  texts: StringTable;
  /** Sorted: first `userCount` users, each with `USER_MARK` before it, then the words. */
  terms: StringTable;
  userCount: number;
  /** Of the words. */
  trie: Trie;
  /** For each word the entries for everybody that contain it; for each user the entries for this user. */
  postings: Lists;
  /** For each entry its words in the order of the text. */
  words: Lists;
  /** For each entry the users who may find it; empty when everybody may. */
  audiences: Lists;
  /** 1 for each entry that only its audience may find. */
  restricted: Uint8Array;
  /** 1 for each entry that was changed or removed since. */
  gone: Uint8Array;
}

/** Sorts before all letters and digits, and is never part of a word. */
export const USER_MARK = '\u0001';

export function entryCount(segment: Segment): number {
  return segment.gone.length;
}

export function entryAt(segment: Segment, entry: number): Entry {
  const users = [...listAt(segment.audiences, entry)];
  return {
    id: stringAt(segment.ids, entry),
    text: stringAt(segment.texts, entry),
    audience:
      segment.restricted[entry] === 1
        ? users.map((user) => stringAt(segment.terms, user).slice(USER_MARK.length))
        : null,
  };
}

/** Marks the entry as gone, if it is here. */
export function removeFrom(segment: Segment, id: string): void {
  const entry = lowerBound(segment.ids, id);
  if (entry < countOf(segment.ids) && stringAt(segment.ids, entry) === id) segment.gone[entry] = 1;
}

/** Entries that only this user and some others may find. */
export function entriesFor(segment: Segment, user: string): Uint32Array {
  const wanted = USER_MARK + user;
  const number = lowerBound(segment.terms, wanted);
  return number < segment.userCount && stringAt(segment.terms, number) === wanted
    ? listAt(segment.postings, number)
    : new Uint32Array();
}

export function listAt({ starts, values }: Lists, index: number): Uint32Array {
  return values.subarray(starts[index], starts[index + 1]);
}
