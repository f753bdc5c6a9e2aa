import { createParser } from 'eventsource-parser';
import { Problem, problemOf } from './problem.ts';
import { request } from './request.ts';

/** Something that was written in a room. */
export interface Message {
  /** Its place: it grows with each message of the room. */
  cursor: string;
  /** Made up by the sender. */
  id: string;
  user: string;
  name: string;
  text: string;
  /** ISO 8601. */
  sentAt: string;
}

export interface History {
  /** The oldest first. */
  messages: Message[];
  /** For those before these; null where there are none. */
  before: string | null;
  /** Messages of others that were not read; 100 stands for more, too. */
  unread: number;
}

/** Nothing for so long: the connection is dead, since something comes every ten seconds, in ms. */
const SILENCE_MS = 25_000;

/** The service `chat`, for one room. Every call may throw a Problem. */
export class Messages {
  readonly #grant: () => Promise<string>;

  /** @param grant one for the room that has not expired */
  constructor(grant: () => Promise<string>) {
    this.#grant = grant;
  }

  async history(before: string | null, signal: AbortSignal): Promise<History> {
    const query = before === null ? '' : `?${new URLSearchParams({ before })}`;
    return request(`/api/chat/messages${query}`, { token: await this.#grant(), signal });
  }

  /** May be repeated: a message is there once under its id. */
  async post(id: string, text: string): Promise<Message> {
    return request('/api/chat/messages', {
      method: 'POST',
      body: { id, text },
      idempotencyKey: id,
      token: await this.#grant(),
    });
  }

  async markRead(upTo: string): Promise<void> {
    await request('/api/chat/read', { method: 'PUT', body: { upTo }, token: await this.#grant() });
  }

  /** Hands over what is written after a place, as it comes, until the server ends that or the line breaks. */
  async follow(
    after: string,
    signal: AbortSignal,
    on: { open(): void; message(message: Message): void },
  ): Promise<void> {
    const token = await this.#grant();
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await fetch('/api/chat/events', {
        headers: { accept: 'text/event-stream', authorization: `Bearer ${token}`, 'last-event-id': after },
        cache: 'no-store',
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (!response.ok || response.body === null) throw await problemOf(response);
      on.open();
      const parser = createParser({ onEvent: ({ data }) => on.message(JSON.parse(data)) });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        parser.feed(value);
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Problem ? error : new Problem(0, 'offline', 'the events broke off');
    } finally {
      clearTimeout(timer);
    }
  }
}
