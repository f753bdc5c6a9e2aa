import type { Logger } from '../log.ts';
import { type RequestContext, withRequestContext } from '../request-context.ts';
import { readTraceContext } from '../trace-context.ts';
import { AlreadyDone, type Change, type ChangeOfMessage } from './change.ts';
import { type Failure, failureOf, HandlerTimeout } from './failure.ts';
import type { EventBuilder } from './handlers.ts';
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
  const end = createEnd();
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
  const working = withRequestContext(requestOf(meta), () => run(builderOf(meta, changeOnce, log, end)));
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

function builderOf(meta: ReceivedMeta, change: Change, log: Logger, end: End): EventBuilder {
  const { id, event: name, version, producer, occurredAt, sequence, attempt } = meta;
  return (data) => ({
    id,
    name,
    version,
    data,
    producer,
    occurredAt,
    sequence,
    attempt,
    change,
    log,
    get signal() {
      return end.signal;
    },
  });
}

/** The end of a handler: after it the handler changes nothing any more. */
interface End {
  readonly signal: AbortSignal;
  /** @param reason null when it has ended by itself; the first one stands */
  reach(reason: Error | null): void;
  throwIfReached(): void;
}

/** Most handlers never look at their signal, and to make one, or an error with its stack, takes longer than the rest. */
function createEnd(): End {
  let controller: AbortController | null = null;
  let isReached = false;
  let reason: Error | null = null;
  const why = () => {
    reason ??= new Error('the handler has ended');
    return reason;
  };
  return {
    get signal(): AbortSignal {
      controller ??= new AbortController();
      if (isReached) controller.abort(why());
      return controller.signal;
    },
    reach(given) {
      if (isReached) return;
      isReached = true;
      reason = given;
      controller?.abort(why());
    },
    throwIfReached() {
      if (isReached) throw why();
    },
  };
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
