import { Problem, problemOf } from './problem.ts';

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  token?: string;
  signal?: AbortSignal;
  /** Of a POST that may be repeated without harm: the service does it once. */
  idempotencyKey?: string;
  /** It is sent although the page closes. */
  outlivesPage?: boolean;
}

/** How often a request that may be repeated is sent, and how long the first wait is, in milliseconds. */
const tries = 4;
const firstWaitMs = 250;

/** An answer takes longer than that only where something hangs. */
const timeoutMs = 15_000;

const passing = new Set([0, 502, 503, 504]);

/**
 * Sends a request to our own services and reads the JSON they answer. What may be repeated is repeated, with growing waits,
 * while the way there or the service is gone.
 *
 * @returns the answer; undefined where it has no body
 * @throws Problem
 */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', idempotencyKey, signal } = options;
  const repeatable = method !== 'PATCH' && (method !== 'POST' || idempotencyKey !== undefined);
  for (let attempt = 1; ; attempt++) {
    try {
      return await send<Answer>(path, options);
    } catch (error) {
      if (!(error instanceof Problem) || !repeatable || attempt === tries || !passing.has(error.status))
        throw error;
      await pause(firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random()), signal);
    }
  }
}

async function send<Answer>(path: string, options: RequestOptions): Promise<Answer> {
  const { method = 'GET', body, token, idempotencyKey, outlivesPage = false } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal,
      cache: 'no-store',
      keepalive: outlivesPage,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Problem(0, 'offline', error instanceof Error ? error.message : 'no answer');
  }
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** @throws the signal's reason */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
