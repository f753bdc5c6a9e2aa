import type { Message, Messages } from '../api/messages.ts';
import { Problem } from '../api/problem.ts';
import { pause } from '../api/request.ts';

/** Something that was typed here and is not known to have arrived. */
export interface Outgoing {
  id: string;
  text: string;
  /** Null while it is on its way. */
  problem: Problem | null;
}

/** What was written, as far as it is known here. Never changed in place. */
export interface ChatState {
  /** `refused`: nothing may be read here. */
  line: 'loading' | 'live' | 'reconnecting' | 'refused';
  /** The oldest first. */
  messages: readonly Message[];
  outgoing: readonly Outgoing[];
  /** There are older ones, to be had by `loadOlder`. */
  hasOlder: boolean;
  unread: number;
}

const LONGEST_PAUSE_MS = 8_000;

/**
 * The chat of one call: loads what was written, follows what is being written, and comes back by itself after the line broke,
 * behind the last message it has.
 */
export class Chat {
  #state: ChatState = { line: 'loading', messages: [], outgoing: [], hasOlder: false, unread: 0 };
  readonly #messages: Messages;
  /** Id of the person here: what others write is unread. */
  readonly #user: string;
  readonly #end = new AbortController();
  readonly #listeners = new Set<() => void>();
  /** For the page before the oldest message that is here. */
  #before: string | null = null;
  #isLoaded = false;
  #isOpen = false;
  /** Up to which the server knows that it was read. */
  #marked = '';

  constructor(messages: Messages, user: string) {
    this.#messages = messages;
    this.#user = user;
    document.addEventListener('visibilitychange', () => this.#markRead(), { signal: this.#end.signal });
    void this.#run();
  }

  get state(): ChatState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    this.#end.abort();
  }

  /** What is read while it is shown is not unread. */
  show(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#markRead();
  }

  send(text: string): void {
    this.#post({ id: crypto.randomUUID(), text, problem: null });
  }

  sendAgain(id: string): void {
    const found = this.#state.outgoing.find((each) => each.id === id);
    if (found !== undefined && found.problem !== null) this.#post({ ...found, problem: null });
  }

  discard(id: string): void {
    this.#set({ outgoing: this.#state.outgoing.filter((each) => each.id !== id) });
  }

  /** @throws Problem */
  async loadOlder(): Promise<void> {
    if (this.#before === null) return;
    const page = await this.#messages.history(this.#before, this.#end.signal);
    this.#before = page.before;
    this.#add(page.messages, { hasOlder: page.before !== null });
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    for (let failures = 0; !signal.aborted; ) {
      try {
        if (!this.#isLoaded) await this.#load();
        await this.#messages.follow(this.#state.messages.at(-1)?.cursor ?? '0-0', signal, {
          open: () => {
            failures = 0;
            this.#set({ line: 'live' });
          },
          message: (message) => this.#take(message),
        });
      } catch (error) {
        if (signal.aborted) return;
        if (isRefusal(error)) {
          this.#set({ line: 'refused' });
          return;
        }
        this.#set({ line: this.#isLoaded ? 'reconnecting' : 'loading' });
        failures += 1;
      }
      // A stream that ended by itself is asked for again at once.
      const wait = failures === 0 ? 100 : Math.min(250 * 2 ** failures, LONGEST_PAUSE_MS);
      await pause(wait * (0.5 + Math.random() / 2), signal).catch(() => undefined);
    }
  }

  async #load(): Promise<void> {
    const { messages, before, unread } = await this.#messages.history(null, this.#end.signal);
    this.#before = before;
    this.#isLoaded = true;
    this.#add(messages, { hasOlder: before !== null, unread });
    this.#markRead();
  }

  #take(message: Message): void {
    const isNew = !this.#state.messages.some(({ cursor }) => cursor === message.cursor);
    const unread = this.#state.unread + (isNew && message.user !== this.#user ? 1 : 0);
    this.#add([message], { unread });
    this.#markRead();
  }

  #post(message: Outgoing): void {
    const { id, text } = message;
    this.#set({ outgoing: [...this.#state.outgoing.filter((each) => each.id !== id), message] });
    this.#messages.post(id, text).then(
      (sent) => this.#add([sent]),
      (error: unknown) => {
        const problem = error instanceof Problem ? error : new Problem(0, 'offline', String(error));
        this.#set({
          outgoing: this.#state.outgoing.map((each) => (each.id === id ? { ...each, problem } : each)),
        });
      },
    );
  }

  /** Each message is there once, in its place, however it came; what arrived is not on its way any more. */
  #add(more: readonly Message[], change: Partial<ChatState> = {}): void {
    const byCursor = new Map([...this.#state.messages, ...more].map((each) => [each.cursor, each]));
    const arrived = new Set(more.filter(({ user }) => user === this.#user).map(({ id }) => id));
    this.#set({
      messages: [...byCursor.values()].sort(byPlace),
      outgoing: this.#state.outgoing.filter(({ id }) => !arrived.has(id)),
      ...change,
    });
  }

  #markRead(): void {
    const last = this.#state.messages.at(-1)?.cursor;
    if (!this.#isOpen || document.hidden || last === undefined) return;
    if (this.#state.unread > 0) this.#set({ unread: 0 });
    if (last === this.#marked) return;
    this.#marked = last;
    // Another one follows with the next message, or with the next opening.
    this.#messages.markRead(last).catch(() => {
      if (this.#marked === last) this.#marked = '';
    });
  }

  #set(change: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Cursors are two numbers: milliseconds, and a counter within these. */
export function byPlace(one: { cursor: string }, other: { cursor: string }): number {
  const [oneTime = 0, oneCount = 0] = one.cursor.split('-').map(Number);
  const [otherTime = 0, otherCount = 0] = other.cursor.split('-').map(Number);
  return oneTime - otherTime || oneCount - otherCount;
}

/** What another try does not mend: the grant allows nothing, or there is no grant any more. */
function isRefusal(error: unknown): boolean {
  return error instanceof Problem && [401, 403, 410].includes(error.status);
}
