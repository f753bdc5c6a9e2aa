/** What an operation of a service takes and gives: what a caller relies on. Schemas are JSON Schema. */
export interface ImportedOperation {
  /** It needs a token. */
  readonly secured: boolean;
  /** Parameters of the path, and the query, each as an object. */
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
  /** By status, successes only; null for an answer without a body. */
  readonly answers: Readonly<Record<string, object | null>>;
  /** Codes of the problems that it answers on purpose, and their status. */
  readonly problems: Readonly<Record<string, number>>;
}

/** The REST interface of another service, or the part of it that is called. */
export interface ImportedApi {
  readonly service: string;
  /** By name: `GET /api/users/{id}`. */
  readonly operations: Readonly<Record<string, ImportedOperation>>;
}

/** The interface of another service: the generated files in `src/contracts` call this, and `client()` takes it. */
export function importApi<const Api extends ImportedApi>(api: Api): Api {
  return api;
}
