import { type Logger, problems, TokenBucket } from '@tandem/common';
import type { WebSocket } from 'ws';
import type { ActiveSession } from './active-session.ts';
import { readCall, readFrame } from './frames.ts';
import { type ByeReason, type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from './protocol/index.ts';
import { BEAT_MS } from './protocol/server-frames.ts';
import { helloExpected, isOurs, malformed, refusalOf } from './refusals.ts';
import type { Sessions } from './sessions.ts';

/** How long a stranger may stay without a word, in ms. */
const HELLO_MS = 10_000;

/** So much that was sent may wait for a slow reader, in bytes; whoever is slower resumes later. */
const LARGEST_BACKLOG = 4 * 1024 * 1024;

/** Messages that are none, before the connection is closed. */
const MOST_FAULTS = 20;

const rate = { burst: 200, perSecond: 50 };

/** Codes of https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
const closeCodes: Record<ByeReason, number> = {
  moving: 1012,
  replaced: 4001,
  removed: 4002,
  ended: 4003,
  refused: 1008,
};

/** One WebSocket: reads what comes, one message after the other, and answers; knows nothing of what the methods do. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #sessions: Sessions;
  readonly #log: Logger;
  readonly #limit = new TokenBucket(rate);
  readonly #beat: NodeJS.Timeout;
  readonly #hello: NodeJS.Timeout;
  /** Null before the first message; resolves with null where that was refused. */
  #session: Promise<ActiveSession | null> | null = null;
  #faults = 0;
  #isOpen = true;

  constructor(socket: WebSocket, sessions: Sessions, log: Logger) {
    this.#socket = socket;
    this.#sessions = sessions;
    this.#log = log;
    this.#beat = setInterval(() => this.send({ type: 'beat' }), BEAT_MS);
    this.#hello = setTimeout(() => this.bye('refused', helloExpected()), HELLO_MS);
    socket.on('message', (data, isBinary) => this.#read(isBinary ? null : data.toString()));
    // What ws finds wrong it has closed the connection for.
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'));
    socket.on('close', () => this.#closed());
  }

  send(frame: ServerFrame): void {
    if (!this.#isOpen) return;
    if (this.#socket.bufferedAmount > LARGEST_BACKLOG) {
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(frame));
  }

  /** Says the last word, with the reason. */
  bye(reason: ByeReason, error?: unknown): void {
    this.send({ type: 'bye', reason, ...(error === undefined ? {} : { refusal: refusalOf(error) }) });
    this.#socket.close(closeCodes[reason]);
  }

  #read(text: string | null): void {
    try {
      if (text === null) throw malformed('Messages are text.');
      const wait = this.#limit.takeOne();
      const frame = readFrame(text);
      if (frame.type === 'request') this.#request(frame, wait);
      else if (wait > 0) throw problems.tooManyRequests();
      else this.#greet(frame);
    } catch (error) {
      this.#faults += 1;
      this.send({ type: 'fault', refusal: refusalOf(error) });
      if (this.#faults >= MOST_FAULTS) this.bye('refused', error);
    }
  }

  #greet(frame: Exclude<ClientFrame, { type: 'request' }>): void {
    if (this.#session !== null) throw helloExpected('It came already.');
    if (frame.version !== PROTOCOL_VERSION) throw helloExpected();
    this.#session = this.#sessions.begin(frame, this).then(
      (session) => {
        clearTimeout(this.#hello);
        if (!this.#isOpen) session?.disconnected();
        return session;
      },
      (error: unknown) => {
        if (isOurs(error)) this.#log.warn({ err: error }, 'somebody could not be let in');
        this.bye('refused', error);
        return null;
      },
    );
  }

  #request(frame: Extract<ClientFrame, { type: 'request' }>, wait: number): void {
    const { id, method } = frame;
    const refuse = (error: unknown) => {
      if (isOurs(error)) this.#log.warn({ err: error, method }, 'a request failed');
      this.send({ type: 'answer', id, ok: false, refusal: refusalOf(error) });
    };
    if (wait > 0) {
      const refusal = { ...refusalOf(problems.tooManyRequests()), retryAfterMs: wait };
      this.send({ type: 'answer', id, ok: false, refusal });
      return;
    }
    this.#handle(method, frame.params).then(
      (result) => this.send({ type: 'answer', id, ok: true, result }),
      refuse,
    );
  }

  /** A request may come as soon as the welcome was sent, before all that belongs to the session is there. */
  async #handle(method: string, params: Record<string, unknown>): Promise<unknown> {
    const session = await this.#session;
    if (session === null) throw helloExpected();
    return session.handle(readCall(method, params));
  }

  #closed(): void {
    this.#isOpen = false;
    clearInterval(this.#beat);
    clearTimeout(this.#hello);
    void this.#session?.then((session) => session?.disconnected());
  }
}
