import { beginningWith, resembling, type WordRange } from './match-words.ts';
import { entriesFor, type Segment } from './segment.ts';
import { countOf, lowerBound } from './string-table.ts';
import type { TopHits } from './top-hits.ts';

/** Which entries count. */
export interface Filter {
  /** Who asks: finds what is for everybody, and what is for this user. */
  user: string;
  /** Of the ids, when only some entries are looked for. */
  prefix?: string;
}

/** A typed word against the words of a segment. */
interface TypedWord {
  /** For each term of the segment how well it fits; 0 when it does not. */
  fits: Uint8Array;
  ranges: WordRange[];
  /** Postings of all that fits. */
  size: number;
  bestFit: number;
}

/**
 * An array of zeros for each place of a query, used by one query after the other: a quarter of a megabyte for each word
 * would keep the garbage collector busier than the search keeps anybody.
 */
const arrays: Uint8Array[] = [];

function zeros(place: number, length: number): Uint8Array {
  const known = arrays[place];
  if (known !== undefined && known.length >= length) return known;
  const larger = new Uint8Array(length);
  arrays[place] = larger;
  return larger;
}

/** With as many hits as were asked for, so many entries are looked at: those after them could only stand higher up. */
const ENOUGH = 50_000;

/** A better fit of one word outweighs any order, a better order any length. */
const FIT = 64;
const IN_ORDER = 8;
const SHORT = 7;

/** A text of so many words is as good as a shorter one. */
const SHORT_WORDS = 3;

/**
 * Entries of a segment in which each typed word fits a word, better ones first: whole words before beginnings before
 * words with slips, words in the order they were typed, short texts.
 *
 * @param slips so many are forgiven in a word, if it is long enough for them
 */
export function findIn(
  segment: Segment,
  typed: readonly string[],
  { user, prefix = '' }: Filter,
  slips: number,
  hits: TopHits,
): void {
  const words = typed.map((word, place) => matched(segment, word, place, slips));
  const first = lowerBound(segment.ids, prefix);
  const scan = { segment, words, first, end: lowerBound(segment.ids, `${prefix}\uffff`), hits };
  try {
    offerPublic(scan);
    for (const entry of entriesFor(segment, user)) offer(scan, entry);
  } finally {
    for (const { fits, ranges } of words) for (const { from, to } of ranges) fits.fill(0, from, to);
  }
}

/** One query against one segment. */
interface Scan {
  segment: Segment;
  words: readonly TypedWord[];
  /** Only the entries from here … */
  first: number;
  /** … to before here count. */
  end: number;
  hits: TopHits;
}

function offerPublic(scan: Scan): void {
  const { segment, words, hits } = scan;
  const rarest = words.reduce((one, other) => (other.size < one.size ? other : one));
  const { starts, values } = segment.postings;
  let looked = 0;
  for (const { from, to, fit } of rarest.ranges) {
    const attainable = words.reduce(
      (sum, word) => sum + (word === rarest ? fit : word.bestFit) * FIT + IN_ORDER,
      SHORT,
    );
    const end = starts[to] ?? 0;
    let term = from;
    for (let at = starts[from] ?? 0; at < end && hits.least < attainable; at++) {
      if (++looked > ENOUGH && hits.isFull) return;
      while ((starts[term + 1] ?? 0) <= at) term++;
      const entry = values[at] ?? 0;
      // Met once for each of its words that fits: only the first time counts.
      if (firstFitting(segment, entry, rarest.fits) === term) offer(scan, entry);
    }
  }
}

function matched(segment: Segment, word: string, place: number, slips: number): TypedWord {
  const ranges = beginningWith(segment, word);
  const fits = zeros(place, countOf(segment.terms));
  for (const { from, to, fit } of ranges) fits.fill(fit, from, to);
  for (const range of resembling(segment, word, slips)) ranges.push(...unfitted(range, fits));
  let size = 0;
  for (const { from, to } of ranges)
    size += (segment.postings.starts[to] ?? 0) - (segment.postings.starts[from] ?? 0);
  return { fits, ranges, size, bestFit: ranges[0]?.fit ?? 0 };
}

/** The parts of a range where nothing fitted better; they fit from now on. */
function unfitted({ from, to, fit }: WordRange, fits: Uint8Array): WordRange[] {
  const parts: WordRange[] = [];
  let start = from;
  for (let term = from; term <= to; term++) {
    if (term < to && fits[term] === 0) continue;
    if (start < term) parts.push({ from: start, to: term, fit });
    start = term + 1;
  }
  for (const part of parts) fits.fill(fit, part.from, part.to);
  return parts;
}

function firstFitting({ words: { starts, values } }: Segment, entry: number, fits: Uint8Array): number {
  const end = starts[entry + 1] ?? 0;
  for (let at = starts[entry] ?? 0; at < end; at++) {
    const term = values[at] ?? 0;
    if (fits[term] !== 0) return term;
  }
  return -1;
}

function offer({ segment, words, first, end, hits }: Scan, entry: number): void {
  if (entry < first || entry >= end || segment.gone[entry] !== 0) return;
  const score = scoreOf(segment, entry, words);
  if (score > hits.least) hits.add(segment, entry, score);
}

/** 0 when a typed word fits no word of the entry. */
function scoreOf({ words: { starts, values } }: Segment, entry: number, typed: readonly TypedWord[]): number {
  const start = starts[entry] ?? 0;
  const length = (starts[entry + 1] ?? 0) - start;
  let score = Math.max(SHORT - Math.max(length - SHORT_WORDS, 0), 1);
  for (let place = 0; place < typed.length; place++) {
    const fits = typed[place]?.fits;
    if (fits === undefined) return 0;
    let best = 0;
    for (let at = 0; at < length; at++) {
      const fit = (fits[values[start + at] ?? 0] ?? 0) * FIT;
      const worth = fit > 0 && at === place ? fit + IN_ORDER : fit;
      if (worth > best) best = worth;
    }
    if (best === 0) return 0;
    score += best;
  }
  return score;
}
