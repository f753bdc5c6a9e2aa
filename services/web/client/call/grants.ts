import type { Grant } from '../api/rooms.ts';

/** A grant that lasts no longer is not used any more, in ms. */
const MARGIN_MS = 20_000;

/** The grant of one call: exchanged when it is about to expire, once for all who ask at the same time. */
export class Grants {
  readonly #renew: () => Promise<Grant>;
  #grant: Grant;
  #until: number;
  #renewing: Promise<Grant> | null = null;

  /** @param renew gives another grant. @throws Problem */
  constructor(first: Grant, renew: () => Promise<Grant>) {
    this.#renew = renew;
    this.#grant = first;
    this.#until = endOf(first);
  }

  /** @throws Problem */
  async fresh(): Promise<string> {
    if (this.#until - performance.now() >= MARGIN_MS) return this.#grant.grant;
    return (await this.renew()).grant;
  }

  /** Asks for another one in any case: it may say something else than the former. @throws Problem */
  renew(): Promise<Grant> {
    this.#renewing ??= this.#renew()
      .then((grant) => {
        this.#grant = grant;
        this.#until = endOf(grant);
        return grant;
      })
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }
}

const endOf = (grant: Grant) => performance.now() + grant.expiresIn * 1_000;
