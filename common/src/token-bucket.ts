/** How many at once, and how many a second after that. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/** Lets a burst through, and then so many a second (a token bucket). */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** @param now milliseconds on a clock that never goes back */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#filledAt = now();
  }

  /** @returns how many of so many there is room for; they are taken */
  take(wanted: number): number {
    this.#fill();
    const taken = Math.min(wanted, Math.floor(this.#tokens));
    this.#tokens -= taken;
    return taken;
  }

  /** @returns 0 when one was taken, else the milliseconds after which there is one */
  takeOne(): number {
    if (this.take(1) === 1) return 0;
    return Math.ceil(((1 - this.#tokens) / this.#rate.perSecond) * 1_000);
  }

  #fill(): void {
    const now = this.#now();
    const gained = ((now - this.#filledAt) / 1_000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained);
    this.#filledAt = now;
  }
}
