import { AsyncLocalStorage } from 'node:async_hooks';
import type { User } from './tokens/user.ts';
import type { TraceContext } from './trace-context.ts';

/** What is known of the request that is being served; log lines and calls to other services take it from here. */
export interface RequestContext {
  readonly requestId: string;
  readonly trace: TraceContext;
  /** The caller's Authorization header, passed on to other services. */
  readonly authorization: string | undefined;
  /** Set once the token is verified. */
  userId: string | undefined;
  /** Likewise; of requests only. */
  user?: User | undefined;
  /** The message that is handled, where it is no request. */
  readonly messageId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Everything that `run` starts, now or later, belongs to the request. */
export function withRequestContext<Result>(context: RequestContext, run: () => Result): Result {
  return storage.run(context, run);
}

/** The request that the current code serves; undefined outside of requests. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

/** For work that outlives the request that happened to start it: it is not done for that caller. */
export function withoutRequestContext<Result>(run: () => Result): Result {
  return storage.exit(run);
}
