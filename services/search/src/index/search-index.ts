import { buildSegment } from './build-segment.ts';
import { type Filter, findIn } from './find.ts';
import { forgiven } from './match-words.ts';
import { firstToMerge, mergeInThread } from './merge.ts';
import { type Entry, entryCount, removeFrom, type Segment } from './segment.ts';
import { TopHits } from './top-hits.ts';
import { wordsOf } from './words.ts';

/** So many entries are few enough to be indexed again whenever one of them has changed before a search: 2 ms or so. */
const FRESH = 500;

/** So many are indexed at once while the index is filled for the first time. */
const LOADED_AT_ONCE = 20_000;

/**
 * Entries that can be found by typing some letters, and changed at any time.
 *
 * What changed just now is in a small segment that is built anew for the next search. When that has grown it settles on the
 * others, and another thread merges it with those below that are not much larger, while this one goes on answering: a log-structured
 * merge tree. A million entries are in four segments or so. Of an entry that changed, what older segments say is marked as gone.
 */
export class SearchIndex {
  /** Oldest and largest first. */
  #settled: Segment[] = [];
  readonly #fresh = new Map<string, Entry>();
  /** Of the fresh entries; null when one of them has changed since. */
  #freshSegment: Segment | null = null;
  #merging: Promise<void> | null = null;
  /** Changed while a merge was under way, which may have read what was there before. */
  readonly #changedInMerge = new Set<string>();
  readonly #closing = new AbortController();
  readonly #onMergeError: (error: unknown) => void;

  private constructor(onMergeError: (error: unknown) => void) {
    this.#onMergeError = onMergeError;
  }

  /**
   * An index of entries whose ids differ.
   *
   * @param onMergeError called when segments could not be merged: nothing is lost, and it is tried again after
   *   further changes
   */
  static async of(
    entries: Iterable<Entry> | AsyncIterable<Entry>,
    onMergeError: (error: unknown) => void,
  ): Promise<SearchIndex> {
    const index = new SearchIndex(onMergeError);
    let chunk: Entry[] = [];
    for await (const entry of entries) {
      chunk.push(entry);
      if (chunk.length < LOADED_AT_ONCE) continue;
      index.#settled.push(buildSegment(chunk));
      chunk = [];
    }
    index.#settle(buildSegment(chunk));
    await index.#merging;
    return index;
  }

  /** Entries in memory, those that are gone and were not merged away yet included. */
  get size(): number {
    return this.#segments().reduce((sum, segment) => sum + entryCount(segment), 0);
  }

  /** Adds the entry, or replaces the one with the same id. */
  put(entry: Entry): void {
    this.remove(entry.id);
    this.#fresh.set(entry.id, entry);
    this.#freshSegment = null;
    if (this.#fresh.size < FRESH) return;
    this.#settle(buildSegment([...this.#fresh.values()]));
    this.#fresh.clear();
  }

  /** From now on the entry is not found. */
  remove(id: string): void {
    for (const segment of this.#settled) removeFrom(segment, id);
    if (this.#merging !== null) this.#changedInMerge.add(id);
    if (this.#fresh.delete(id)) this.#freshSegment = null;
  }

  /**
   * The entries in which each word that was typed begins a word, or nearly does when few others fit: with one slip, and
   * with two when there are not enough of those either.
   *
   * @param most so many entries at most, best first
   */
  find(query: string, filter: Filter, most: number): Entry[] {
    const words = [...new Set(wordsOf(query))];
    if (words.length === 0) return [];
    const mostSlips = Math.max(...words.map(forgiven));
    for (let slips = 0; ; slips++) {
      const hits = this.#search(words, filter, most, slips);
      if (hits.isFull || slips === mostSlips) return hits.entries();
    }
  }

  /** Ends the thread that merges, if one does. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#merging;
  }

  #search(words: readonly string[], filter: Filter, most: number, slips: number): TopHits {
    const hits = new TopHits(most);
    for (const segment of this.#segments()) findIn(segment, words, filter, slips, hits);
    return hits;
  }

  #segments(): Segment[] {
    this.#freshSegment ??= buildSegment([...this.#fresh.values()]);
    return [...this.#settled, this.#freshSegment];
  }

  #settle(segment: Segment): void {
    this.#settled.push(segment);
    this.#merging ??= this.#merge()
      .catch(this.#onMergeError)
      .finally(() => {
        this.#merging = null;
        this.#changedInMerge.clear();
      });
  }

  /** Merges segments until each is much larger than all above it. */
  async #merge(): Promise<void> {
    for (;;) {
      const first = firstToMerge(this.#settled.map(entryCount));
      if (first === null) return;
      const sources = this.#settled.slice(first);
      const merged = await mergeInThread(sources, this.#closing.signal);
      if (merged === null) return;
      for (const id of this.#changedInMerge) removeFrom(merged, id);
      this.#changedInMerge.clear();
      // Others may have settled on top meanwhile.
      this.#settled.splice(first, sources.length, merged);
    }
  }
}
