import type { Logger, Redis } from '@tandem/common';
import type { RoomStore, Told } from './room-store.ts';

/** Looks for events without being woken this often, in ms: a wake-up can be lost while Redis is away. */
const LOOK_MS = 2_000;

/** Gets what happens in a room; null says that some of it is lost, and the state has to be read again. */
export type Reader = (told: Told | null) => void;

interface Feed {
  /** Of the last event that was handed out. */
  seen: string;
  readers: Set<Reader>;
  /** Reads follow one another. */
  reading: Promise<void>;
  asked: boolean;
}

/**
 * Hands the events of rooms to the connections of this instance: one read per room, however many are connected. Redis'
 * publish only wakes; what is handed out comes from the stream, in its order, with nothing left out.
 */
export class RoomFeeds {
  readonly #store: RoomStore;
  readonly #log: Logger;
  readonly #feeds = new Map<string, Feed>();
  readonly #timer: NodeJS.Timeout;
  readonly #wakes: Redis;

  /** @param wakes a connection of its own, which only listens; it is ended with the feeds */
  constructor(store: RoomStore, wakes: Redis, log: Logger) {
    this.#store = store;
    this.#wakes = wakes;
    this.#log = log;
    wakes.on('ready', () => void wakes.subscribe('rooms').catch(() => undefined));
    wakes.on('message', (_channel: string, room: string) => this.#look(room));
    this.#timer = setInterval(() => {
      for (const room of this.#feeds.keys()) this.#look(room);
    }, LOOK_MS);
  }

  /** Rooms that somebody here is in. */
  rooms(): string[] {
    return [...this.#feeds.keys()];
  }

  /**
   * Reads a room from an event on. What was before is handed over first. @returns ends the reading
   */
  async follow(room: string, seen: string, give: Reader): Promise<() => void> {
    // The feed may be behind what the reader has seen.
    const reader: Reader = (told) => {
      if (told === null || isAfter(told.seen, seen)) give(told);
    };
    const feed = this.#feeds.get(room) ?? {
      seen,
      readers: new Set(),
      reading: Promise.resolve(),
      asked: false,
    };
    this.#feeds.set(room, feed);
    // Between two reads of the feed, so that nothing comes twice and nothing is left out.
    const begun = feed.reading.then(async () => {
      const missed = feed.seen === seen ? [] : await this.#store.after(room, seen);
      if (missed === null) reader(null);
      else for (const told of missed) if (!isAfter(told.seen, feed.seen)) reader(told);
      feed.readers.add(reader);
    });
    feed.reading = begun.catch(() => undefined);
    try {
      await begun;
    } catch (error) {
      this.#drop(room, feed);
      throw error;
    }
    this.#look(room);
    return () => {
      feed.readers.delete(reader);
      this.#drop(room, feed);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#feeds.clear();
    this.#wakes.disconnect();
  }

  #drop(room: string, feed: Feed): void {
    if (feed.readers.size === 0 && this.#feeds.get(room) === feed) this.#feeds.delete(room);
  }

  #look(room: string): void {
    const feed = this.#feeds.get(room);
    if (feed === undefined || feed.asked) return;
    feed.asked = true;
    feed.reading = feed.reading
      .then(async () => {
        feed.asked = false;
        const told = await this.#store.after(room, feed.seen);
        if (told === null) await this.#lost(room, feed);
        else
          for (const each of told) {
            feed.seen = each.seen;
            for (const reader of feed.readers) reader(each);
          }
      })
      .catch((error: unknown) =>
        this.#log.debug({ room, err: error }, 'the events of a room wait for Redis'),
      );
  }

  /** The stream is another one, or was cut: everybody gets the state anew. */
  async #lost(room: string, feed: Feed): Promise<void> {
    feed.seen = await this.#store.latest(room);
    for (const reader of feed.readers) reader(null);
  }
}

/** Ids of a stream are two numbers: milliseconds, and a counter within these. */
export function isAfter(a: string, b: string): boolean {
  const [aTime = '0', aCount = '0'] = a.split('-');
  const [bTime = '0', bCount = '0'] = b.split('-');
  return Number(aTime) === Number(bTime) ? Number(aCount) > Number(bCount) : Number(aTime) > Number(bTime);
}
