import { placementStale } from './problems.ts';

/** A number that nobody came with for so long is forgotten, in ms; whoever had an older one has noticed by then. */
const KEPT_MS = 10 * 60_000;

/**
 * The numbers of the leases by which rooms were placed here (fencing): whoever comes with an older one has not heard that the
 * room was placed anew, and would sit here alone.
 */
export class Placements {
  readonly #seen = new Map<string, { number: number; at: number }>();

  /** @throws Problem placement-stale */
  see(room: string, number: number | undefined): void {
    if (number === undefined) return;
    const now = performance.now();
    const known = this.#seen.get(room);
    if (known !== undefined && known.number > number) throw placementStale();
    // The map is in the order of the last use.
    this.#seen.delete(room);
    this.#seen.set(room, { number, at: now });
    for (const [oldest, { at }] of this.#seen) {
      if (now - at < KEPT_MS) break;
      this.#seen.delete(oldest);
    }
  }
}
