const LONGEST_PAUSE_MS = 5_000;

/** Half of it at random, so that a hundred instances do not come back in the same moment. */
export function pauseMs(attempt: number): number {
  return Math.min(100 * 2 ** Math.min(attempt, 8), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
}

/** The value, or the signal's reason, whichever comes first; the promise may fail after that without anybody noticing. */
export function withSignal<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    // Also where the signal came first: a rejection that nobody takes would end the process.
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** The value, or null when there is none in time. */
export function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | null> {
  // Waited for with every event: a race of two promises would take three times as long.
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, null);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
