import type { MediaEvent } from './events.ts';

/** An event and its place; null for one that is worth nothing later. */
export interface Entry {
  id: number | null;
  event: MediaEvent;
}

type Reader = (entry: Entry) => void;

/** A reconnect within seconds finds all it missed; who stays away for longer asks for the whole state. */
const KEPT = 512;

/**
 * The events of one peer, in order. Whoever reads them can break off and go on after the last one seen, here or on another
 * connection.
 */
export class EventLog {
  #last = 0;
  #kept: { id: number; event: MediaEvent }[] = [];
  #reader: { read: Reader; end: () => void } | null = null;

  get isRead(): boolean {
    return this.#reader !== null;
  }

  /** The id of the last event: what the state as it is now includes. */
  get last(): number {
    return this.#last;
  }

  add(event: MediaEvent): void {
    // Loudness of a moment ago helps nobody, and would push out what does; of a drain every new reader is told.
    if (event.type === 'volumes' || event.type === 'draining') {
      this.#reader?.read({ id: null, event });
      return;
    }
    this.#last += 1;
    const entry = { id: this.#last, event };
    this.#kept.push(entry);
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#reader?.read(entry);
  }

  /**
   * Hands over what came after an event, then what comes, as it comes. One reader at a time: the former one is ended.
   *
   * @param after id of the last event that was seen; where what follows is not there any more, `resync` comes first
   * @param end called when another reader takes over, or the peer is gone
   * @returns stops reading
   */
  read(after: number, read: Reader, end: () => void): () => void {
    this.#reader?.end();
    const reader = { read, end };
    this.#reader = reader;
    const oldest = this.#last - this.#kept.length;
    if (after < oldest || after > this.#last) read({ id: this.#last, event: { type: 'resync' } });
    else for (const entry of this.#kept.slice(after - oldest)) read(entry);
    return () => {
      if (this.#reader === reader) this.#reader = null;
    };
  }

  end(): void {
    this.#reader?.end();
    this.#reader = null;
  }
}
