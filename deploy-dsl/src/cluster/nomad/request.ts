/** Accepted by every request: aborting rejects with the signal's reason. */
export interface Abortable {
  signal?: AbortSignal | undefined;
}

/** A blocking query: answers when something changed after the index, or after the wait. */
export interface Blocking extends Abortable {
  /** Index of the answer that is known already; left out: answer at once. */
  index?: number | undefined;
  /** At most 10 minutes (Nomad's limit); 60 s unless told. */
  waitMs?: number | undefined;
}

/** An answer and the index to wait on for the next one. */
export interface Indexed<T> {
  value: T;
  index: number;
}

/** Query and patience of a blocking query: Nomad adds up to a sixteenth to the wait. */
export function blocking(options: Blocking): {
  query: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal | undefined;
} {
  const { signal } = options;
  if (options.index === undefined) return { query: {}, timeoutMs: 10_000, signal };
  const waitMs = options.waitMs ?? 60_000;
  return {
    query: { index: String(options.index), wait: `${waitMs}ms` },
    timeoutMs: Math.ceil(waitMs * 1.1) + 10_000,
    signal,
  };
}
