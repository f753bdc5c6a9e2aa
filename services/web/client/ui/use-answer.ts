import { useCallback, useEffect, useState } from 'react';

/** Something that is asked when the component appears. */
export interface Answer<T> {
  /** Null until it is there; the former one while it is asked again. */
  value: T | null;
  error: unknown;
  ask(): void;
}

/** @param load must stay the same while the question does; gets a signal that aborts when nobody waits any more */
export function useAnswer<T>(load: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ value: T | null; error: unknown }>({ value: null, error: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round asks the same again
  useEffect(() => {
    const end = new AbortController();
    load(end.signal).then(
      (value) => {
        if (!end.signal.aborted) setState({ value, error: null });
      },
      (error: unknown) => {
        if (!end.signal.aborted) setState(({ value }) => ({ value, error }));
      },
    );
    return () => end.abort();
  }, [load, round]);
  const ask = useCallback(() => setRound((former) => former + 1), []);
  return { ...state, ask };
}
