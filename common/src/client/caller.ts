import type { Agent } from 'node:http';
import { type Discovery, pickInstance } from '../discovery/discovery.ts';
import { currentRequest } from '../request-context.ts';
import type { Static, TSchema } from '../schema.ts';
import { traceHeaders } from '../trace-context.ts';
import { UnavailableError } from '../unavailable.ts';
import { validatorOf, violationsOf } from '../validator.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { exchange, type RawResponse, TransportError } from './transport.ts';
import { UpstreamError } from './upstream-error.ts';

export interface CallOptions {
  /** Values for `:name` or `{name}` in the path; they are encoded. */
  params?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** For the whole call with all its attempts, in ms. */
  timeoutMs?: number;
  /** Makes a POST safe to repeat, if the other service obeys the header. */
  idempotencyKey?: string;
}

const DEFAULT_TIMEOUT_MS = 3_000;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 25;
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);
/** The instance is overloaded, stopping, or has lost what it needs: another one may do better. */
const TRY_ANOTHER = new Set([502, 503, 504]);
/** It cannot answer now: the same as no answer, and not a refusal. */
const NOT_NOW = new Set([503, 504]);

/** Sends requests to one other service. */
export interface Caller {
  readonly service: string;
  /** Resolves with an answer of 2xx. @throws UnavailableError; UpstreamError */
  send(method: string, path: string, options: CallOptions): Promise<RawResponse>;
}

/**
 * Finds an instance, passes on the caller's Authorization, request id and trace, and repeats on another instance what is
 * safe to repeat, after a pause of random length. An instance that fails again and again gets no requests for a while; where
 * all do, calls fail at once.
 */
export function createCaller(service: string, discovery: Discovery, agent: Agent): Caller {
  const breaker = createCircuitBreaker();

  async function call(method: string, path: string, options: CallOptions): Promise<RawResponse> {
    const deadline = Date.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const repeatable = IDEMPOTENT.has(method) || options.idempotencyKey !== undefined;
    const failed = new Set<string>();
    for (let attempt = 1; ; attempt++) {
      const last = attempt === ATTEMPTS;
      const instance = await pickInstance(discovery, service, { avoid: failed, allows: breaker.allows });
      failed.add(instance.id);
      breaker.sent(instance.id);
      try {
        const response = await exchange(agent, {
          host: instance.host,
          port: instance.port,
          method,
          path: pathOf(path, options),
          headers: headersOf(options),
          body: options.body === undefined ? undefined : JSON.stringify(options.body),
          timeoutMs: Math.max(1, attemptTime(deadline, ATTEMPTS - attempt)),
        });
        const isAnswer = !TRY_ANOTHER.has(response.status);
        if (isAnswer) breaker.succeeded(instance.id);
        else breaker.failed(instance.id);
        if (last || !repeatable || isAnswer) return response;
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        breaker.failed(instance.id);
        if (last || !(repeatable || error.neverSent))
          throw new UnavailableError(service, error.message, error);
      }
      // "Full jitter": callers that failed together do not come back together.
      const pause = Math.random() * FIRST_PAUSE_MS * 2 ** attempt;
      if (Date.now() + pause >= deadline) throw new UnavailableError(service, 'no answer in time');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  return {
    service,
    async send(method, path, options) {
      const response = await call(method, path, options);
      if (response.status >= 200 && response.status <= 299) return response;
      const refusal = UpstreamError.fromResponse(service, response);
      throw NOT_NOW.has(response.status) ? new UnavailableError(service, refusal.message, refusal) : refusal;
    },
  };
}

/** Leaves time for the attempts that may follow: half of what is left, or all of it for the last one. */
function attemptTime(deadline: number, attemptsLeft: number): number {
  const left = deadline - Date.now();
  return attemptsLeft > 0 ? left / 2 : left;
}

function pathOf(template: string, { params = {}, query = {} }: CallOptions): string {
  const path = template.replace(/:(\w+)|\{(\w+)\}/g, (_, one?: string, other = '') => {
    const name: string = one ?? other;
    const value = params[name];
    if (value === undefined) throw new Error(`the path ${template} needs the parameter "${name}"`);
    return encodeURIComponent(value);
  });
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given[name] = String(value);
  return Object.keys(given).length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function headersOf({ body, idempotencyKey }: CallOptions): Record<string, string> {
  const request = currentRequest();
  return {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    ...(request === undefined ? {} : { 'x-request-id': request.requestId, ...traceHeaders(request.trace) }),
    ...(request?.authorization === undefined ? {} : { authorization: request.authorization }),
  };
}

/**
 * The body of an answer, checked.
 * @throws UpstreamError when it does not fit
 */
export function readAnswer<Schema extends TSchema>(
  service: string,
  response: RawResponse,
  schema: Schema,
): Static<Schema> {
  const validate = validatorOf(schema);
  const value = parseJson(service, response);
  if (!validate(value)) {
    const [first] = violationsOf(validate.errors ?? []);
    throw new UpstreamError(
      service,
      response.status,
      null,
      `its answer does not fit: ${first?.pointer} ${first?.detail}`,
    );
  }
  return value;
}

function parseJson(service: string, response: RawResponse): unknown {
  try {
    return JSON.parse(response.body);
  } catch (error) {
    throw new UpstreamError(service, response.status, null, 'its answer is not JSON', error);
  }
}
