import { EventEmitter } from 'node:events';
import ConsulClient from 'consul';
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import {
  cloudUnreachable,
  clusterNonsense,
  clusterRefused,
  clusterTimeout,
  clusterUnreachable,
} from '../language/errors/cluster.ts';
import { ClusterError } from './cluster-error.ts';
import { reasonOf } from './http.ts';
import type { Abortable } from './nomad/request.ts';
import { nullable, record, type Static } from './shapes.ts';

export interface ConsulOptions {
  /** `http://host:port` of any agent; requests for another datacenter are passed on. */
  address: string;
  /** The cloud. */
  datacenter: string;
  token?: string | undefined;
  /** The stack of this machine. */
  local: boolean;
}

const KeyValue = Type.Object({
  Key: Type.String(),
  Value: nullable(Type.String()),
  Flags: Type.Number(),
  CreateIndex: Type.Number(),
  /** For the next check-and-set. */
  ModifyIndex: Type.Number(),
  /** How often the key was locked. */
  LockIndex: Type.Number(),
  /** Session that holds the lock. */
  Session: Type.Optional(Type.String()),
});
export type KeyValue = Static<typeof KeyValue>;

const Check = Type.Object({
  CheckID: Type.String(),
  Name: Type.String(),
  Status: Type.Union([Type.Literal('passing'), Type.Literal('warning'), Type.Literal('critical')]),
  Output: Type.String(),
  ServiceID: Type.String(),
  ServiceName: Type.String(),
});
export type ConsulCheck = Static<typeof Check>;

const ServiceEntry = Type.Object({
  Node: Type.Object({ Node: Type.String(), Address: Type.String() }),
  Service: Type.Object({
    /** `_nomad-task-<allocation>-…` for instances that Nomad registered. */
    ID: Type.String(),
    Service: Type.String(),
    Tags: nullable(Type.Array(Type.String())),
    Meta: nullable(record(Type.String())),
    Address: Type.String(),
    Port: Type.Number(),
  }),
  Checks: Type.Array(Check),
});
/** One instance of a service and its checks, those of its node included. */
export type ConsulServiceEntry = Static<typeof ServiceEntry>;

const AgentCheck = Type.Object({ Status: Type.String(), Output: Type.String() });
type AgentCheck = Static<typeof AgentCheck>;

const Session = Type.Object({
  ID: Type.String(),
  Name: Type.String(),
  TTL: Type.String(),
  Node: Type.String(),
});
export type ConsulSession = Static<typeof Session>;

export interface BlockingKey extends Abortable {
  /** ModifyIndex that is known already; left out: answer at once. */
  index?: number | undefined;
  waitMs?: number | undefined;
}

const patienceMs = 10_000;

/** Consul's HTTP API for one datacenter. Every method throws a ClusterError, or the signal's reason. */
export class Consul {
  readonly address: string;
  readonly datacenter: string;
  readonly #client: ConsulClient;
  readonly #local: boolean;

  constructor(options: ConsulOptions) {
    const url = new URL(options.address);
    this.address = options.address.replace(/\/+$/, '');
    this.datacenter = options.datacenter;
    this.#local = options.local;
    const secure = url.protocol === 'https:';
    this.#client = new ConsulClient({
      host: url.hostname,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      secure,
      defaults: { dc: options.datacenter, ...(options.token ? { token: options.token } : {}) },
    });
  }

  /** The key, null when there is none. With an index it waits for a change. */
  async get(key: string, options: BlockingKey = {}): Promise<KeyValue | null> {
    const waitMs = options.waitMs ?? 60_000;
    const blocking =
      options.index === undefined
        ? {}
        : {
            index: String(options.index),
            wait: `${waitMs}ms`,
            timeout: Math.ceil(waitMs * 1.1) + patienceMs,
          };
    const answer = await this.#call(`GET /v1/kv/${key}`, options.signal, (context) =>
      this.#client.kv.get({ key, ...blocking, ...context, ...blocking }),
    );
    return this.#checked(`GET /v1/kv/${key}`, nullable(KeyValue), answer ?? null);
  }

  /** All keys that start with the prefix, in order. */
  async list(prefix: string, options: Abortable = {}): Promise<KeyValue[]> {
    const request = `GET /v1/kv/${prefix}?recurse`;
    const answer = await this.#call(request, options.signal, (context) =>
      this.#client.kv.get({ key: prefix, recurse: true, ...context }),
    );
    return this.#checked(request, Type.Array(KeyValue), answer ?? []);
  }

  /** Names of the keys that start with the prefix; up to the separator when there is one. */
  async keys(prefix: string, options: Abortable & { separator?: string } = {}): Promise<string[]> {
    const request = `GET /v1/kv/${prefix}?keys`;
    const separator = options.separator === undefined ? {} : { separator: options.separator };
    const answer = await this.#call(request, options.signal, (context) =>
      this.#client.kv.keys({ key: prefix, ...separator, ...context }),
    ).catch((error: unknown) => {
      if (error instanceof ClusterError && error.status === 404) return [];
      throw error;
    });
    return this.#checked(request, Type.Array(Type.String()), answer);
  }

  /**
   * Writes a key, at most 512 KB.
   * @returns false when `cas` is no longer its ModifyIndex (0: when it exists), or `acquire`'s lock is another's
   */
  async put(
    key: string,
    value: string,
    options: Abortable & { cas?: number; acquire?: string; release?: string } = {},
  ): Promise<boolean> {
    const { signal, ...conditions } = options;
    // The library turns Consul's `false` into undefined.
    const written = await this.#call(`PUT /v1/kv/${key}`, signal, (context) =>
      this.#client.kv.set({ key, value, ...conditions, ...context }),
    );
    return written === true;
  }

  /** @returns false when `cas` is no longer its ModifyIndex */
  async delete(key: string, options: Abortable & { cas?: number; recurse?: boolean } = {}): Promise<boolean> {
    const { signal, ...conditions } = options;
    const deleted = await this.#call(`DELETE /v1/kv/${key}`, signal, (context) =>
      this.#client.kv.del({ key, ...conditions, ...context }),
    );
    return deleted === true;
  }

  /** Makes a session that dies when it is not renewed for the time to live (10 s … 24 h); its locks are let go then. */
  async createSession(options: Abortable & { name: string; ttlSeconds: number }): Promise<string> {
    const session = await this.#call('PUT /v1/session/create', options.signal, (context) =>
      this.#client.session.create({
        name: options.name,
        ttl: `${options.ttlSeconds}s`,
        lockdelay: '0s',
        behavior: 'release',
        ...context,
      }),
    );
    return session.ID;
  }

  /** Fails with status 404 when the session has died. */
  async renewSession(id: string, options: Abortable = {}): Promise<void> {
    await this.#call('PUT /v1/session/renew', options.signal, (context) =>
      this.#client.session.renew({ id, ...context }),
    );
  }

  async destroySession(id: string, options: Abortable = {}): Promise<void> {
    await this.#call('PUT /v1/session/destroy', options.signal, (context) =>
      this.#client.session.destroy({ id, ...context }),
    );
  }

  /** The session, null when it has died. */
  async session(id: string, options: Abortable = {}): Promise<ConsulSession | null> {
    const answer = await this.#call('GET /v1/session/info', options.signal, (context) =>
      this.#client.session.info({ id, ...context }),
    );
    return this.#checked('GET /v1/session/info', nullable(Session), answer ?? null);
  }

  /**
   * The registered instances of a service with their checks; none when nobody registered it. An agent tells the servers what a
   * check says only when its status changes or minutes later (`check_update_interval`), so that the agent itself is
   * asked, too: its word counts for its own instances.
   */
  async health(
    service: string,
    options: Abortable & { passing?: boolean } = {},
  ): Promise<ConsulServiceEntry[]> {
    const request = `GET /v1/health/service/${service}`;
    const passing = options.passing === undefined ? {} : { passing: options.passing };
    const answer: unknown = await this.#call(request, options.signal, (context) =>
      this.#client.health.service({ service, ...passing, ...context }),
    );
    const entries = this.#checked(request, Type.Array(ServiceEntry), answer);
    const isSick = entries.some((entry) => entry.Checks.some((check) => check.Status !== 'passing'));
    return isSick ? withOutput(entries, await this.#agentChecks(options)) : entries;
  }

  /** Checks of the instances that are registered with the agent at the address, by id. */
  async #agentChecks(options: Abortable): Promise<Record<string, AgentCheck>> {
    const request = 'GET /v1/agent/checks';
    const answer: unknown = await this.#call(request, options.signal, (context) =>
      this.#client.agent.check.list({ ...context }),
    );
    return this.#checked(request, record(AgentCheck), answer);
  }

  /** The checks of all instances of all services, those of nodes left out. */
  async checks(options: Abortable = {}): Promise<ConsulCheck[]> {
    const request = 'GET /v1/health/state/any';
    const answer: unknown = await this.#call(request, options.signal, (context) =>
      this.#client.health.state({ state: 'any', ...context }),
    );
    return this.#checked(request, Type.Array(Check), answer).filter(({ ServiceID }) => ServiceID !== '');
  }

  /** Tags by name of all registered services. */
  async services(options: Abortable = {}): Promise<Record<string, string[]>> {
    const request = 'GET /v1/catalog/services';
    const answer: unknown = await this.#call(request, options.signal, (context) =>
      this.#client.catalog.service.list({ ...context }),
    );
    return this.#checked(request, record(Type.Array(Type.String())), answer);
  }

  /** Address of the datacenter's leader; fails when there is none. */
  async leader(options: Abortable = {}): Promise<string> {
    return this.#call('GET /v1/status/leader', options.signal, (context) =>
      this.#client.status.leader({ ...context }),
    );
  }

  /** Lets the kept-alive connections go, so that the process can end. */
  close(): void {
    this.#client.destroy();
  }

  /** The client library aborts by an emitter in the request and times out by an option that its types leave out. */
  async #call<T>(
    request: string,
    signal: AbortSignal | undefined,
    ask: (context: object) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const ctx = new EventEmitter();
    const cancel = () => ctx.emit('cancel');
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await ask({ ctx, timeout: patienceMs });
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failure(request, error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #checked<T extends TSchema>(request: string, schema: T, answer: unknown): Static<T> {
    if (Value.Check(schema, answer)) return answer;
    const first = Value.Errors(schema, answer)[0];
    const problem = `${first?.instancePath ?? ''} ${first?.message ?? ''}`;
    throw new ClusterError(
      { system: 'Consul', status: 200, message: problem, path: request },
      clusterNonsense('Consul', request, problem),
    );
  }

  #failure(request: string, error: unknown): ClusterError {
    const status = statusOf(error);
    const message = status === null ? reasonOf(error) : replyOf(error);
    const failure = { system: 'Consul' as const, status, message, path: request.replace(/^\S+ /, '') };
    if (status === null) {
      const timedOut = error instanceof Error && 'isTimeout' in error;
      return new ClusterError(
        failure,
        timedOut
          ? clusterTimeout('Consul', this.address, request, patienceMs)
          : clusterUnreachable('Consul', this.address, message, this.#local),
      );
    }
    if (/No path to datacenter/i.test(message)) {
      return new ClusterError(failure, cloudUnreachable('Consul', this.datacenter, this.address));
    }
    return new ClusterError(failure, clusterRefused('Consul', request, status, message));
  }
}

function withOutput(entries: ConsulServiceEntry[], fresh: Record<string, AgentCheck>): ConsulServiceEntry[] {
  return entries.map((entry) => ({
    ...entry,
    Checks: entry.Checks.map((check) => ({
      ...check,
      Output: fresh[check.CheckID]?.Output || check.Output,
    })),
  }));
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  return typeof error.statusCode === 'number' ? error.statusCode : null;
}

/** What Consul wrote into the answer; the library's own message has only the name of the status. */
function replyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const response: unknown = 'response' in error ? error.response : undefined;
  if (typeof response === 'object' && response !== null && 'body' in response) {
    return String(response.body).trim();
  }
  return error.message;
}
