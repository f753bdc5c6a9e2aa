import { useCallback, useRef, useState } from 'react';

/** Something that a person started: whether it goes on, and how it failed. */
export interface Task {
  pending: boolean;
  /** Null until it fails; null again when it is started again. */
  error: unknown;
  /** Starts it, unless it is going on already. */
  run(work: () => Promise<void>): void;
}

export function useTask(): Task {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const running = useRef(false);
  const run = useCallback((work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setPending(true);
    setError(null);
    work()
      .catch((reason: unknown) => setError(reason ?? new Error('failed')))
      .finally(() => {
        running.current = false;
        setPending(false);
      });
  }, []);
  return { pending, error, run };
}
