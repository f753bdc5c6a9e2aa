import { setTimeout as sleep } from 'node:timers/promises';
import { isNewer, type Logger, type Redis } from '@tandem/common';
import { SearchIndex } from './index/search-index.ts';
import { CHANGES, readEntries, readEntry } from './store.ts';

/** A read that waits for changes comes back after so long: well within the time after which Redis counts as dead. */
const WAIT_MS = 1_000;

const PAUSE_MS = 500;

/** Changes taken over at once. */
const AT_ONCE = 500;

/** The index of this instance, which follows what is in the service's Redis. */
export class Follower {
  readonly #redis: Redis;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #index: SearchIndex | null = null;
  /** The last change that the index has. */
  #position = '0-0';
  #running: Promise<void> = Promise.resolve();

  /** @param redis a connection of its own: it waits for changes, and would keep others waiting */
  constructor(redis: Redis, log: Logger) {
    this.#redis = redis;
    this.#log = log;
  }

  /** Null until everything was read for the first time. */
  get index(): SearchIndex | null {
    return this.#index;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    this.#redis.disconnect();
    await this.#running;
    await this.#index?.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (this.#index === null || (await this.#hasMissed())) await this.#readAll();
        await this.#follow();
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn({ err: error }, 'the index does not follow its Redis at the moment');
        // The pause ends early when the service stops.
        await sleep(PAUSE_MS * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Whether changes after our position were dropped, or Redis came back with older data than we have. */
  async #hasMissed(): Promise<boolean> {
    const [first, last] = await Promise.all([
      this.#redis.xrange(CHANGES, '-', '+', 'COUNT', 1),
      this.#redis.xrevrange(CHANGES, '+', '-', 'COUNT', 1),
    ]);
    const oldest = first[0]?.[0];
    const newest = last[0]?.[0];
    if (oldest === undefined || newest === undefined) return this.#position !== '0-0';
    return isNewer(oldest, this.#position) || isNewer(this.#position, newest);
  }

  async #readAll(): Promise<void> {
    const started = performance.now();
    const newest = await this.#redis.xrevrange(CHANGES, '+', '-', 'COUNT', 1);
    const index = await SearchIndex.of(readEntries(this.#redis), (error) =>
      this.#log.error({ err: error }, 'segments of the index could not be merged'),
    );
    const former = this.#index;
    this.#index = index;
    // What changed while it was read comes again, which does no harm.
    this.#position = newest[0]?.[0] ?? '0-0';
    await former?.close();
    this.#log.info({ entries: index.size, ms: Math.round(performance.now() - started) }, 'index is complete');
  }

  /** Takes over changes until the connection fails or the service stops. */
  async #follow(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const reply = await this.#redis.xread(
        'COUNT',
        AT_ONCE,
        'BLOCK',
        WAIT_MS,
        'STREAMS',
        CHANGES,
        this.#position,
      );
      const messages = reply?.[0]?.[1] ?? [];
      const ids = new Set(messages.map(([, [, id = '']]) => id));
      await Promise.all([...ids].map((id) => this.#takeOver(id)));
      this.#position = messages.at(-1)?.[0] ?? this.#position;
    }
  }

  async #takeOver(id: string): Promise<void> {
    const entry = await readEntry(this.#redis, id);
    if (entry === null) this.#index?.remove(id);
    else this.#index?.put(entry);
  }
}
