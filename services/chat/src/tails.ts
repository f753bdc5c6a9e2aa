import type { Logger, Redis } from '@tandem/common';
import type { MessageStore } from './message-store.ts';
import type { Message } from './schemas.ts';

/** Rooms are looked at without being woken this often, in ms: a wake-up can be lost while Redis is away. */
const LOOK_MS = 5_000;

interface Tail {
  room: string;
  /** Place of the last message that was handed over. */
  seen: string;
  give(message: Message): void;
  isReading: boolean;
  /** Woken again while it was reading. */
  again: boolean;
}

/**
 * Follows rooms: hands over what is written behind a place, in its order, nothing twice and nothing left out. Redis' publish
 * only wakes.
 */
export class Tails {
  readonly #store: MessageStore;
  readonly #wakes: Redis;
  readonly #log: Logger;
  readonly #tails = new Map<string, Set<Tail>>();
  readonly #timer: NodeJS.Timeout;

  /** @param wakes a connection of its own, which only listens; it is ended by `close` */
  constructor(store: MessageStore, wakes: Redis, log: Logger) {
    this.#store = store;
    this.#wakes = wakes;
    this.#log = log;
    wakes.on('ready', () => void wakes.subscribe('messages').catch(() => undefined));
    wakes.on('message', (_channel: string, room: string) => this.#wake(room));
    this.#timer = setInterval(() => {
      for (const room of this.#tails.keys()) this.#wake(room);
    }, LOOK_MS);
  }

  /** @returns ends it */
  follow(room: string, seen: string, give: (message: Message) => void): () => void {
    const tail: Tail = { room, seen, give, isReading: false, again: false };
    const tails = this.#tails.get(room) ?? new Set();
    this.#tails.set(room, tails.add(tail));
    this.#read(tail);
    return () => {
      tails.delete(tail);
      if (tails.size === 0 && this.#tails.get(room) === tails) this.#tails.delete(room);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#tails.clear();
    this.#wakes.disconnect();
  }

  #wake(room: string): void {
    for (const tail of this.#tails.get(room) ?? []) this.#read(tail);
  }

  #read(tail: Tail): void {
    tail.again = tail.isReading;
    if (tail.isReading) return;
    tail.isReading = true;
    this.#readAll(tail)
      .catch((error: unknown) => this.#log.debug({ room: tail.room, err: error }, 'messages wait for Redis'))
      .finally(() => {
        tail.isReading = false;
        if (tail.again) this.#read(tail);
      });
  }

  async #readAll(tail: Tail): Promise<void> {
    for (;;) {
      const messages = await this.#store.after(tail.room, tail.seen);
      for (const message of messages) {
        if (!this.#tails.get(tail.room)?.has(tail)) return;
        tail.seen = message.cursor;
        tail.give(message);
      }
      if (messages.length === 0) return;
    }
  }
}
