import {
  type MethodName,
  type Params,
  PROTOCOL_VERSION,
  type Result,
  ServerFrame,
} from '@tandem/signal/protocol';
import { Check } from 'typebox/value';
import { Problem } from '../api/problem.ts';
import { pause } from '../api/request.ts';

type Frame<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

/** How the connection is doing. */
export type Line = 'connecting' | 'open' | 'reconnecting' | 'ended';

export interface SignalListener {
  /** A session has begun: everything before it is forgotten. */
  welcome(frame: Frame<'welcome'>): void;
  /** It goes on; where `participants` is set, they are the room as it is. */
  resumed(frame: Frame<'resumed'>): void;
  event(frame: Frame<'event'>): void;
  line(line: Line): void;
  /** It is over; `left` where that was wanted. */
  ended(reason: 'left' | 'removed' | 'replaced' | 'refused', problem: Problem | null): void;
}

export interface SignalOptions {
  /** Of the WebSocket, `wss://…/api/signal`. */
  url: string;
  /** A grant for the room that has not expired. */
  grant(): Promise<string>;
  listener: SignalListener;
}

/** Without a word for so long the connection is dead: the server says something every five seconds, in ms. */
const SILENCE_MS = 12_000;
const CONNECT_MS = 8_000;
const ANSWER_MS = 15_000;
const LONGEST_PAUSE_MS = 10_000;

interface Waiting {
  resolve(result: unknown): void;
  reject(problem: Problem): void;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * The line to the service signal. It comes back by itself: at once the first time, then after growing pauses; the session goes
 * on where it was, as long as it is known there.
 */
export class SignalClient {
  readonly #options: SignalOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #end = new AbortController();
  #socket: WebSocket | null = null;
  #session: { id: string; token: string; seen: { room: string; media: Record<string, number> } } | null =
    null;
  #lastId = 0;
  #isOpen = false;

  constructor(options: SignalOptions) {
    this.#options = options;
  }

  /** Runs until `leave`, or until the server ends it. */
  async run(): Promise<void> {
    const { listener } = this.#options;
    listener.line('connecting');
    for (let failures = 0; !this.#end.signal.aborted; ) {
      const outcome = await this.#connectOnce();
      this.#isOpen = false;
      this.#failAll();
      if (this.#end.signal.aborted) return;
      if (outcome.over !== null) {
        listener.line('ended');
        listener.ended(outcome.over, outcome.problem);
        return;
      }
      listener.line('reconnecting');
      failures = outcome.greeted ? 0 : failures + 1;
      // After a line that worked the first try is made at once; everybody else's first try then is spread a little.
      const wait = failures === 0 ? 150 : Math.min(500 * 2 ** (failures - 1), LONGEST_PAUSE_MS);
      const isMove = outcome.moving;
      await pause(isMove ? 0 : wait * Math.random(), this.#end.signal).catch(() => undefined);
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @throws Problem with the server's code, or `offline` */
  call<Name extends MethodName>(method: Name, params: Params<Name>): Promise<Result<Name>> {
    const socket = this.#socket;
    if (socket === null || !this.#isOpen) return Promise.reject(new Problem(0, 'offline', 'no line'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Problem(0, 'offline', `no answer to ${method}`));
      }, ANSWER_MS);
      // The server's answer to a method has the shape that the protocol says.
      this.#waiting.set(id, { resolve: (result) => resolve(result as Result<Name>), reject, timer });
      socket.send(JSON.stringify({ type: 'request', id, method, params }));
    });
  }

  /** Tells the others that nobody is here any more, without waiting for an answer. */
  sayLeaving(): void {
    if (this.#isOpen)
      this.#socket?.send(
        JSON.stringify({ type: 'request', id: ++this.#lastId, method: 'self.leave', params: {} }),
      );
  }

  /** Leaves the room for good. */
  leave(): void {
    this.sayLeaving();
    this.#end.abort();
    this.#socket?.close();
    this.#failAll();
    this.#options.listener.line('ended');
    this.#options.listener.ended('left', null);
  }

  async #connectOnce(): Promise<{
    greeted: boolean;
    moving: boolean;
    over: 'removed' | 'replaced' | 'refused' | null;
    problem: Problem | null;
  }> {
    const { url, grant, listener } = this.#options;
    const session = this.#session;
    let first: string;
    try {
      first = JSON.stringify(
        session === null
          ? { type: 'hello', version: PROTOCOL_VERSION, grant: await grant() }
          : {
              type: 'resume',
              version: PROTOCOL_VERSION,
              session: session.id,
              token: session.token,
              seen: session.seen,
            },
      );
    } catch (error) {
      const problem = error instanceof Problem ? error : null;
      // A refusal of rooms is final; what is away comes back.
      const isFinal =
        problem !== null && problem.status >= 400 && problem.status < 500 && problem.status !== 429;
      return { greeted: false, moving: false, over: isFinal ? 'refused' : null, problem };
    }
    return new Promise((resolve) => {
      const socket = new WebSocket(url);
      this.#socket = socket;
      let greeted = false;
      let bye: Frame<'bye'> | null = null;
      let timer = setTimeout(() => socket.close(), CONNECT_MS);
      const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => socket.close(), SILENCE_MS);
      };
      const done = () => {
        clearTimeout(timer);
        this.#end.signal.removeEventListener('abort', done);
        const reason = bye?.reason ?? null;
        if (reason === 'ended') this.#session = null;
        const over = reason === 'removed' || reason === 'replaced' ? reason : null;
        const refusal = reason === 'refused' ? bye?.refusal : undefined;
        resolve({
          greeted,
          moving: reason === 'moving',
          over: refusal !== undefined && !passing.has(refusal.code) ? 'refused' : over,
          problem: refusal === undefined ? null : new Problem(403, refusal.code, refusal.title),
        });
      };
      this.#end.signal.addEventListener('abort', done, { once: true });
      socket.addEventListener('open', () => socket.send(first));
      socket.addEventListener('close', done);
      socket.addEventListener('message', ({ data }) => {
        heard();
        const frame = readFrame(data);
        if (frame === null) return;
        if (frame.type === 'bye') bye = frame;
        if (frame.type === 'welcome' || frame.type === 'resumed') {
          greeted = true;
          this.#isOpen = true;
          listener.line('open');
          this.#greeted(frame);
        }
        if (frame.type === 'event') this.#event(frame);
        if (frame.type === 'answer') this.#answer(frame);
      });
    });
  }

  #greeted(frame: Frame<'welcome'> | Frame<'resumed'>): void {
    const { listener } = this.#options;
    if (frame.type === 'welcome') {
      this.#session = { id: frame.session, token: frame.token, seen: { room: frame.seen.room, media: {} } };
      listener.welcome(frame);
    } else {
      if (this.#session !== null) this.#session.seen.room = frame.seen.room;
      listener.resumed(frame);
    }
  }

  #event(frame: Frame<'event'>): void {
    const session = this.#session;
    if (session === null) return;
    if (frame.from === 'room') session.seen.room = frame.seen;
    else if (frame.seen !== null) session.seen.media[frame.peer] = frame.seen;
    this.#options.listener.event(frame);
  }

  /** Nothing more is heard of a peer that has left its media server. */
  forgetPeer(peer: string): void {
    if (this.#session !== null) delete this.#session.seen.media[peer];
  }

  #answer(frame: Frame<'answer'>): void {
    const waiting = this.#waiting.get(frame.id);
    if (waiting === undefined) return;
    this.#waiting.delete(frame.id);
    clearTimeout(waiting.timer);
    if (frame.ok) waiting.resolve(frame.result);
    else {
      const { code, title, retryAfterMs } = frame.refusal;
      const retryAfter = retryAfterMs === undefined ? null : retryAfterMs / 1_000;
      waiting.reject(new Problem(400, code, title, retryAfter));
    }
  }

  #failAll(): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Problem(0, 'offline', 'the line broke'));
    }
    this.#waiting.clear();
  }
}

/** Refusals that another try may mend. */
const passing = new Set(['unavailable', 'internal-error', 'too-many-requests']);

/** So much later a request is sent again that may be answered then, in ms. */
export const AGAIN_MS = 2_000;

/** Whether a request may be answered another time, though it was not, or was refused. */
export const mayPass = (error: unknown): boolean =>
  error instanceof Problem && (error.status === 0 || passing.has(error.code));

/** @returns null for what is not in the protocol: a later server may say more than this client knows */
function readFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    return Check(ServerFrame, frame) ? frame : null;
  } catch {
    return null;
  }
}
