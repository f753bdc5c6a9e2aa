import { type Entry, entryAt, type Segment } from './segment.ts';

interface Hit {
  segment: Segment;
  entry: number;
  score: number;
}

/** The best hits seen so far. Of equal ones those that came first stay. */
export class TopHits {
  readonly #most: number;
  readonly #hits: Hit[] = [];
  #least = 0;

  /** @param most at least 1 */
  constructor(most: number) {
    this.#most = most;
  }

  /** Only a score above this changes anything. */
  get least(): number {
    return this.#least;
  }

  get isFull(): boolean {
    return this.#hits.length === this.#most;
  }

  add(segment: Segment, entry: number, score: number): void {
    if (this.isFull) this.#hits.pop();
    const place = this.#hits.findLastIndex((hit) => hit.score >= score) + 1;
    this.#hits.splice(place, 0, { segment, entry, score });
    if (this.isFull) this.#least = this.#hits.at(-1)?.score ?? 0;
  }

  /** Best first. */
  entries(): Entry[] {
    return this.#hits.map(({ segment, entry }) => entryAt(segment, entry));
  }
}
