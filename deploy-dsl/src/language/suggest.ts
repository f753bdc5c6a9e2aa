/**
 * The candidate that was probably meant, or null: at most a third of the letters differ, where a swap of two
 * neighbours counts as one difference, and a plural or a prefix counts as near.
 */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  const wanted = word.toLowerCase();
  if (wanted.length > longest) {
    return null;
  }
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const allowed = Math.max(1, Math.floor(Math.max(candidate.length, wanted.length) / 3));
    if (candidate === word || Math.abs(candidate.length - wanted.length) > allowed) {
      continue;
    }
    const distance = differences(wanted, candidate.toLowerCase());
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` did you mean "users"?` as the end of a caption, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = suggest(word, candidates);
  return found === null ? '' : question(found);
}

/**
 * Suggestions for one reading of a file. Each costs a look at all candidates, so that a file full of mistakes would take
 * as long as its size squared: after as many as are ever shown there are no more.
 */
export class Suggestions {
  #left = 200;

  /** As `suggest`, as long as there are any left. */
  suggest(word: string, candidates: Iterable<string>): string | null {
    if (this.#left === 0) {
      return null;
    }
    this.#left -= 1;
    return suggest(word, candidates);
  }

  /** As `didYouMean`, as long as there are any left. */
  didYouMean(word: string, candidates: Iterable<string>): string {
    const found = this.suggest(word, candidates);
    return found === null ? '' : question(found);
  }
}

const question = (found: string) => `; did you mean "${found}"?`;

/** Nobody mistypes a word of this length by a letter or two. */
const longest = 100;

/** Optimal string alignment distance: inserts, removals, replacements and swaps of neighbours. */
function differences(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: number[], index: number) => row[index] ?? Number.POSITIVE_INFINITY;
