import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import {
  cloudUnreachable,
  clusterNonsense,
  clusterRefused,
  clusterTimeout,
  clusterUnreachable,
  type System,
} from '../language/errors/cluster.ts';
import { ClusterError } from './cluster-error.ts';
import { exchange, textOf } from './exchange.ts';

export interface HttpOptions {
  system: System;
  /** `http://host:port`, without a path. */
  address: string;
  headers: Record<string, string>;
  /** Parameters of every request, for instance the region. */
  query: Record<string, string>;
  /** The stack of this machine: says `./tandem up` when nothing answers. */
  local: boolean;
}

export interface RequestOptions {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** A list repeats the parameter. */
  query?: Record<string, string | number | boolean | string[] | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Milliseconds until the request is given up; for a stream, until its first byte. 10 s unless told. */
  timeoutMs?: number;
  /** Bodies hold secrets: what the server says on failure is not shown. */
  secret?: boolean;
}

const patienceMs = 10_000;
/** Waits before a read is asked again while servers elect a leader or a connection was cut. */
const retriesMs = [200, 500, 1_000];

/** JSON over HTTP to one of the cluster's systems. Every failure is a ClusterError; an abort keeps its own reason. */
export class Http {
  readonly address: string;
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.address = options.address.replace(/\/+$/, '');
  }

  /** The answer, checked against its schema. */
  async json<T extends TSchema>(path: string, schema: T, options: RequestOptions = {}): Promise<Static<T>> {
    return (await this.jsonWithIndex(path, schema, options)).value;
  }

  /** The answer and the server's index, with which a blocking query goes on. */
  async jsonWithIndex<T extends TSchema>(
    path: string,
    schema: T,
    options: RequestOptions = {},
  ): Promise<{ value: Static<T>; index: number }> {
    const answer = await this.#send(path, options, async (response) => ({
      status: response.statusCode ?? 0,
      index: Number(response.headers['x-nomad-index'] ?? 0),
      text: await textOf(response),
    }));
    const wrong = (problem: string) => this.#nonsense(path, options, answer.status, problem);
    let value: unknown;
    try {
      value = JSON.parse(answer.text);
    } catch {
      throw wrong(`it starts with ${JSON.stringify(answer.text.slice(0, 60))}`);
    }
    if (!Value.Check(schema, value)) {
      const first = Value.Errors(schema, value)[0];
      throw wrong(`${first?.instancePath ?? ''} ${first?.message ?? ''}`);
    }
    return { value, index: answer.index };
  }

  /** The answer as text; for requests whose answer says nothing, too. */
  async text(path: string, options: RequestOptions = {}): Promise<string> {
    return this.#send(path, options, textOf);
  }

  /** The body as it comes; ends when the server ends it, throws the reason when the signal aborts. */
  async *stream(path: string, options: RequestOptions = {}): AsyncGenerator<Uint8Array> {
    const body = await this.#send(path, options, async (response) => response);
    try {
      for await (const chunk of body) yield chunk;
    } catch (error) {
      options.signal?.throwIfAborted();
      throw this.#unreachable(path, error);
    } finally {
      // The connection of an abandoned stream must go.
      body.destroy();
    }
  }

  /** Reads are tried again while the servers have no leader. */
  async #send<T>(
    path: string,
    options: RequestOptions,
    read: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const waits = (options.method ?? 'GET') === 'GET' ? retriesMs : [];
    for (const wait of waits) {
      try {
        return await this.#once(path, options, read);
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await sleep(wait);
      options.signal?.throwIfAborted();
    }
    return this.#once(path, options, read);
  }

  async #once<T>(
    path: string,
    options: RequestOptions,
    read: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const url = new URL(this.address + path);
    for (const [name, value] of Object.entries({ ...this.#options.query, ...options.query })) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) url.searchParams.append(name, String(one));
      }
    }
    const timeoutMs = options.timeoutMs ?? patienceMs;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    try {
      const response = await exchange(url, {
        method: options.method ?? 'GET',
        headers: {
          ...this.#options.headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body,
        signal: AbortSignal.any(options.signal ? [options.signal, timeout.signal] : [timeout.signal]),
      });
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) {
        const message = (await textOf(response)).trim();
        throw this.#refused(path, options, status, options.secret ? '' : message);
      }
      return await read(response);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof ClusterError) throw error;
      if (timeout.signal.aborted) throw this.#timedOut(path, options, timeoutMs);
      throw this.#unreachable(path, error);
    } finally {
      clearTimeout(timer);
    }
  }

  #refused(path: string, options: RequestOptions, status: number, message: string): ClusterError {
    const { system, query } = this.#options;
    const cloud = query.region;
    const diagnostic =
      cloud !== undefined && /No path to (region|datacenter)/i.test(message)
        ? cloudUnreachable(system, cloud, this.address)
        : clusterRefused(system, request(path, options), status, message);
    return new ClusterError({ system, status, message, path }, diagnostic);
  }

  #nonsense(path: string, options: RequestOptions, status: number, problem: string): ClusterError {
    const { system } = this.#options;
    return new ClusterError(
      { system, status, message: problem, path },
      clusterNonsense(system, request(path, options), problem),
    );
  }

  #timedOut(path: string, options: RequestOptions, timeoutMs: number): ClusterError {
    const { system } = this.#options;
    const diagnostic = clusterTimeout(system, this.address, request(path, options), timeoutMs);
    return new ClusterError({ system, status: null, message: 'timed out', path }, diagnostic);
  }

  #unreachable(path: string, error: unknown): ClusterError {
    const { system, local } = this.#options;
    const reason = reasonOf(error);
    const diagnostic = clusterUnreachable(system, this.address, reason, local);
    return new ClusterError({ system, status: null, message: reason, path }, diagnostic);
  }
}

function request(path: string, options: RequestOptions): string {
  return `${options.method ?? 'GET'} ${path}`;
}

/** A failure that a moment's patience may cure. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return false;
  if (error.status === null) return error.reply === 'the connection was cut';
  return error.status >= 500 && /no (cluster )?leader|leadership lost/i.test(error.reply);
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: set NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate authority is unknown: set NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate authority is unknown: set NODE_EXTRA_CA_CERTS',
};

/** Why there was no answer, in words: `fetch` hides it in the cause of a TypeError. */
export function reasonOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    const words = reasons[code];
    if (words !== undefined) return words;
    if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
    if (!(cause.cause instanceof Error)) return cause.message;
  }
  return String(error);
}
