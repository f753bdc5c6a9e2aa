import type { Logger } from '../log.ts';
import { type RequestContext, withRequestContext } from '../request-context.ts';
import { readTraceContext } from '../trace-context.ts';
import { AlreadyDone, type Change, type ChangeOfMessage } from './change.ts';
import { type Failure, failureOf, HandlerTimeout } from './failure.ts';
import type { ReceivedEvent } from './handlers.ts';
import type { AcceptedMessage } from './incoming.ts';
import type { ReceivedMeta } from './message.ts';
import { within } from './waiting.ts';

/** What became of a handler. */
export type HandlerResult =
  /** `marked`: its change has written that the message is done. */
  { state: 'done'; marked: boolean } | { state: 'already done' } | { state: 'failed'; failure: Failure };

/**
 * Runs a handler until it ends or its time is up. A handler goes on when the connection is lost meanwhile: what it does is
 * done, and the copy that RabbitMQ delivers again will be dropped.
 */
export async function runHandler(
  { meta, handler, run }: AcceptedMessage,
  change: ChangeOfMessage,
  log: Logger,
): Promise<HandlerResult> {
  const end = new HandlerEnd();
  let called = false;
  let marked = false;
  const changeOnce: Change = async (request) => {
    end.throwIfReached();
    if (called) throw new Error('a handler can call change() once: put all of it into one step');
    called = true;
    const result = await change(request, meta.id);
    marked = true;
    return result;
  };
  const working = withRequestContext(requestOf(meta), () =>
    run((data) => new Received(meta, data, changeOnce, log, end)),
  );
  try {
    if ((await within(working, handler.timeoutMs)) === null) {
      end.reach(new HandlerTimeout(handler.timeoutMs));
      end.throwIfReached();
    }
    return { state: 'done', marked };
  } catch (error) {
    if (marked) {
      // The effect is there, and nothing may repeat it.
      log.error({ err: error, messageId: meta.id, event: meta.event }, 'a handler failed after its change');
      return { state: 'done', marked };
    }
    if (error instanceof AlreadyDone) return { state: 'already done' };
    return { state: 'failed', failure: failureOf(error, meta.attempt, meta.firstFailedAt) };
  } finally {
    end.reach(null);
  }
}

/** A class, since V8 makes an object with a getter of its own many times as slowly. */
class Received<Data> implements ReceivedEvent<Data> {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly data: Data;
  readonly producer: string;
  readonly occurredAt: string;
  readonly sequence: string;
  readonly attempt: number;
  readonly change: Change;
  readonly log: Logger;
  readonly #end: HandlerEnd;

  constructor(meta: ReceivedMeta, data: Data, change: Change, log: Logger, end: HandlerEnd) {
    this.id = meta.id;
    this.name = meta.event;
    this.version = meta.version;
    this.data = data;
    this.producer = meta.producer;
    this.occurredAt = meta.occurredAt;
    this.sequence = meta.sequence;
    this.attempt = meta.attempt;
    this.change = change;
    this.log = log;
    this.#end = end;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }
}

/**
 * The end of a handler: after it the handler changes nothing any more. Most handlers never look at their signal, and to make
 * one, or an error with its stack, takes longer than the rest.
 */
class HandlerEnd {
  #controller: AbortController | null = null;
  #isReached = false;
  #reason: Error | null = null;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isReached) this.#controller.abort(this.#why());
    return this.#controller.signal;
  }

  /** @param reason null when it has ended by itself; the first one stands */
  reach(reason: Error | null): void {
    if (this.#isReached) return;
    this.#isReached = true;
    this.#reason = reason;
    this.#controller?.abort(this.#why());
  }

  throwIfReached(): void {
    if (this.#isReached) throw this.#why();
  }

  #why(): Error {
    this.#reason ??= new Error('the handler has ended');
    return this.#reason;
  }
}

/** The handler works for the request that the event goes back to, in the same trace, but without the caller's token. */
function requestOf(meta: ReceivedMeta): RequestContext {
  return {
    requestId: meta.requestId ?? meta.id,
    trace: readTraceContext(meta.traceparent, meta.tracestate),
    authorization: undefined,
    userId: meta.userId,
    messageId: meta.id,
  };
}
