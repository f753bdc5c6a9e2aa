import { formatElapsed } from '../../terminal/duration.ts';

/** How long something still takes, judged by how far it has come. */
export class Estimate {
  readonly #start = performance.now();
  #from = 0;

  /** What was done already when this began, for instance by a download that is gone on with. */
  startingAt(fraction: number): this {
    this.#from = fraction;
    return this;
  }

  /** `, 2 m 10 s left`; empty as long as there is too little to judge by. */
  left(fraction: number): string {
    const elapsed = performance.now() - this.#start;
    const done = fraction - this.#from;
    if (elapsed < 3_000 || done < 0.02 || fraction >= 1) return '';
    return `, ${formatElapsed((elapsed * (1 - fraction)) / done)} left`;
  }
}
