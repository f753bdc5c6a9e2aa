const LONGEST_PAUSE_MS = 5_000;

/** Half of it at random, so that a hundred instances do not come back in the same moment. */
export function pauseMs(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 8), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
}

/** The value, or the signal's reason, whichever comes first. */
export function withSignal<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The value, or null when there is none in time. */
export async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, ms, null);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
