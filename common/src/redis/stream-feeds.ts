import type { Logger } from '../log.ts';
import type { Redis } from './redis.ts';

/** Gets the entries of a stream; null says that some are lost, and the state has to be read again. */
export type FeedReader<Entry> = (entry: Entry | null) => void;

export interface StreamFeedsOptions<Entry> {
  /** A connection of its own, which only listens; it is ended with the feeds. */
  wakes: Redis;
  /** A message there names the stream that has something new. */
  channel: string;
  /** Streams are looked at without being woken this often, in ms: a wake-up can be lost while Redis is away. */
  lookMs: number;
  /** What is behind a place, in its order, at most `page` of it; null where some of it is lost. */
  after(stream: string, place: string): Promise<readonly Entry[] | null>;
  page: number;
  /** Place of the last entry; `0-0` for none. */
  latest(stream: string): Promise<string>;
  placeOf(entry: Entry): string;
  log: Logger;
}

interface Feed<Entry> {
  /** Of the last entry that was handed out; null before the first look. Never a reader's word: it is everybody's. */
  place: string | null;
  readers: Set<FeedReader<Entry>>;
  /** Reads follow one another. */
  reading: Promise<void>;
  asked: boolean;
}

/**
 * Hands what is added to streams of Redis to the connections of this instance: one read per stream, however many are
 * connected. Redis' publish only wakes; what is handed out comes from the stream, in its order, nothing twice and nothing left
 * out.
 */
export class StreamFeeds<Entry> {
  readonly #options: StreamFeedsOptions<Entry>;
  readonly #feeds = new Map<string, Feed<Entry>>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: StreamFeedsOptions<Entry>) {
    this.#options = options;
    const { wakes, channel, lookMs } = options;
    wakes.on('ready', () => void wakes.subscribe(channel).catch(() => undefined));
    wakes.on('message', (_channel: string, stream: string) => this.#look(stream));
    this.#timer = setInterval(() => {
      for (const stream of this.#feeds.keys()) this.#look(stream);
    }, lookMs);
  }

  /** Those that somebody here reads. */
  streams(): string[] {
    return [...this.#feeds.keys()];
  }

  /**
   * Reads a stream from a place on, until the signal ends it. What was before is handed over first.
   * @throws UnavailableError where it could not be read; then it is not followed
   */
  async follow(stream: string, place: string, give: FeedReader<Entry>, signal: AbortSignal): Promise<void> {
    // The feed may be behind what the reader has seen.
    const reader: FeedReader<Entry> = (entry) => {
      if (entry === null || isAfter(this.#options.placeOf(entry), place)) give(entry);
    };
    const feed = this.#feeds.get(stream) ?? this.#open(stream);
    const leave = () => {
      feed.readers.delete(reader);
      if (feed.readers.size === 0 && this.#feeds.get(stream) === feed) this.#feeds.delete(stream);
    };
    signal.addEventListener('abort', leave, { once: true });
    // Between two reads of the feed, so that nothing comes twice and nothing is left out.
    const begun = feed.reading.then(async () => {
      if (signal.aborted) return;
      feed.place ??= await this.#options.latest(stream);
      await this.#catchUp(stream, place, feed.place, reader, signal);
      if (!signal.aborted) feed.readers.add(reader);
    });
    feed.reading = begun.catch(() => undefined);
    try {
      await begun;
    } catch (error) {
      leave();
      throw error;
    }
    this.#look(stream);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#feeds.clear();
    this.#options.wakes.disconnect();
  }

  #open(stream: string): Feed<Entry> {
    const feed = {
      ...{ place: null, readers: new Set<FeedReader<Entry>>() },
      ...{ reading: Promise.resolve(), asked: false },
    };
    this.#feeds.set(stream, feed);
    return feed;
  }

  /** Hands over what is behind one place and not behind the other. */
  async #catchUp(
    stream: string,
    from: string,
    upTo: string,
    give: FeedReader<Entry>,
    signal: AbortSignal,
  ): Promise<void> {
    const { after, page, placeOf } = this.#options;
    for (let place = from; place !== upTo && !signal.aborted; ) {
      const entries = await after(stream, place);
      if (entries === null) return give(null);
      for (const entry of entries) if (!signal.aborted && !isAfter(placeOf(entry), upTo)) give(entry);
      const last = entries.at(-1);
      if (last === undefined || entries.length < page || isAfter(placeOf(last), upTo)) return;
      place = placeOf(last);
    }
  }

  #look(stream: string): void {
    const feed = this.#feeds.get(stream);
    if (feed === undefined || feed.asked) return;
    feed.asked = true;
    feed.reading = feed.reading
      .then(() => {
        feed.asked = false;
        return this.#readOn(stream, feed);
      })
      .catch((error: unknown) => this.#options.log.debug({ stream, err: error }, 'a stream waits for Redis'));
  }

  async #readOn(stream: string, feed: Feed<Entry>): Promise<void> {
    const { after, page, latest, placeOf } = this.#options;
    while (feed.place !== null) {
      const entries = await after(stream, feed.place);
      // The stream is another one, or was cut: everybody gets the state anew.
      if (entries === null) feed.place = await latest(stream);
      for (const entry of entries ?? [null]) {
        if (entry !== null) feed.place = placeOf(entry);
        for (const reader of feed.readers) reader(entry);
      }
      if (entries === null || entries.length < page) return;
    }
  }
}

/** Whether a place is behind another. They are two numbers: milliseconds, and a counter within these. */
export function isAfter(a: string, b: string): boolean {
  const [aTime = '0', aCount = '0'] = a.split('-');
  const [bTime = '0', bCount = '0'] = b.split('-');
  return Number(aTime) === Number(bTime) ? Number(aCount) > Number(bCount) : Number(aTime) > Number(bTime);
}
