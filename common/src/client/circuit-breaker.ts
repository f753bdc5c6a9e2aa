/** So many failures in a row say more than chance. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;
/** An instance that has not failed for so long is a new one, or gone. */
const FORGET_MS = 60_000;

interface Failing {
  failures: number;
  /** Of the last one. */
  failedAt: number;
  pauseMs: number;
  /** No request before; 0 while the circuit is closed. */
  openUntil: number;
  /** The one request of a pause that is over is under way. */
  trying: boolean;
}

/** Keeps requests from instances that fail again and again, so that nobody waits for them and they can recover. */
export interface CircuitBreaker {
  /** Whether the instance gets requests. After a pause it gets one to try; the others wait for what becomes of it. */
  allows(instance: string): boolean;
  /** A request is on its way there. */
  sent(instance: string): void;
  succeeded(instance: string): void;
  failed(instance: string): void;
}

/** @param now milliseconds, of a clock that does not go back */
export function createCircuitBreaker(now: () => number = () => performance.now()): CircuitBreaker {
  const failing = new Map<string, Failing>();

  return {
    allows(instance) {
      return now() >= (failing.get(instance)?.openUntil ?? 0);
    },
    sent(instance) {
      const state = failing.get(instance);
      if (state === undefined || state.openUntil === 0) return;
      state.trying = true;
      // Should it never be answered.
      state.openUntil = now() + state.pauseMs;
    },
    succeeded(instance) {
      failing.delete(instance);
    },
    failed(instance) {
      const time = now();
      for (const [id, { failedAt }] of failing) if (time - failedAt > FORGET_MS) failing.delete(id);
      const state = failing.get(instance) ?? {
        ...{ failures: 0, failedAt: time, openUntil: 0, trying: false },
        pauseMs: FIRST_PAUSE_MS / 2,
      };
      failing.set(instance, state);
      state.failures++;
      state.failedAt = time;
      const opens = state.trying || (state.openUntil === 0 && state.failures >= FAILURES);
      state.trying = false;
      // Requests that were under way together fail together: they open it once.
      if (!opens) return;
      state.pauseMs = Math.min(state.pauseMs * 2, LONGEST_PAUSE_MS);
      // Half of it at random, so that callers do not try at the same moment.
      state.openUntil = time + state.pauseMs * (0.5 + Math.random() / 2);
    },
  };
}
