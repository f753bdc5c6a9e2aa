import { Type } from 'typebox';
import { isNotFound } from '../cluster-error.ts';
import type { Http } from '../http.ts';
import { nullable } from '../shapes.ts';
import type { Abortable } from './request.ts';
import { Variable, VariableStub } from './variable.ts';

/** `/v1/var…`: encrypted key-value sets; where Tandem keeps secrets. What the server says on failure is never shown. */
export class Variables {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(prefix: string, options: Abortable = {}): Promise<VariableStub[]> {
    const list = await this.#http.json('/v1/vars', nullable(Type.Array(VariableStub)), {
      query: { prefix },
      signal: options.signal,
    });
    return list ?? [];
  }

  async get(path: string, options: Abortable = {}): Promise<Variable | null> {
    return this.#http
      .json(url(path), Variable, { signal: options.signal, secret: true })
      .catch((error: unknown) => {
        if (isNotFound(error)) return null;
        throw error;
      });
  }

  /**
   * Writes the whole set. With `cas` only if its ModifyIndex still is that (0: only if there is none), else the
   * request fails with an error that `isConflict` recognises. Keys are letters, digits and `_`; 64 KiB in all.
   */
  async put(
    path: string,
    items: Record<string, string>,
    options: Abortable & { cas?: number } = {},
  ): Promise<Variable> {
    return this.#http.json(url(path), Variable, {
      method: 'PUT',
      query: { cas: options.cas },
      body: { Path: path, Items: items },
      signal: options.signal,
      secret: true,
    });
  }

  async delete(path: string, options: Abortable & { cas?: number } = {}): Promise<void> {
    await this.#http.text(url(path), {
      method: 'DELETE',
      query: { cas: options.cas },
      signal: options.signal,
      secret: true,
    });
  }
}

function url(path: string): string {
  return `/v1/var/${path.split('/').map(encodeURIComponent).join('/')}`;
}
