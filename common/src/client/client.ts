import type { Static, TSchema } from '../schema.ts';
import { type Caller, type CallOptions, readAnswer } from './caller.ts';

/** A call whose answer is checked against a schema, and typed by it. */
export interface TypedCallOptions<Response extends TSchema> extends CallOptions {
  response: Response;
}

export interface HttpClient {
  get<Response extends TSchema>(path: string, options: TypedCallOptions<Response>): Promise<Static<Response>>;
  post<Response extends TSchema>(
    path: string,
    options: TypedCallOptions<Response>,
  ): Promise<Static<Response>>;
  put<Response extends TSchema>(path: string, options: TypedCallOptions<Response>): Promise<Static<Response>>;
  patch<Response extends TSchema>(
    path: string,
    options: TypedCallOptions<Response>,
  ): Promise<Static<Response>>;
  /** For answers without a body, or whose body does not matter. */
  send(method: string, path: string, options?: CallOptions): Promise<void>;
}

/**
 * A client of another service that says with each call what it expects. Calls reject with `UnavailableError` when no
 * instance answered, and with `UpstreamError` when the answer was a refusal or does not fit its schema.
 */
export function createHttpClient(caller: Caller): HttpClient {
  function typed(method: string) {
    return async <Response extends TSchema>(path: string, options: TypedCallOptions<Response>) =>
      readAnswer(caller.service, await caller.send(method, path, options), options.response);
  }

  return {
    get: typed('GET'),
    post: typed('POST'),
    put: typed('PUT'),
    patch: typed('PATCH'),
    async send(method, path, options = {}) {
      await caller.send(method, path, options);
    },
  };
}
