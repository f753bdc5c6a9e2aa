import type { BuiltService } from '@tandem/common';
import {
  type Answer,
  collectLog,
  createTokenIssuer,
  type LogLines,
  type Method,
  send,
  startRedis,
  type TestRedis,
  untilReady,
} from '@tandem/common/testing';
import { auth } from '../src/service.ts';

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  log: LogLines;
  privateKeyPem: string;
  /** A request; `token` is an access token. */
  send(method: Method, path: string, options?: SendOptions): Promise<Answer>;
  /** Opens an account for somebody new, or for the given person. */
  register(person?: Person): Promise<SignedIn>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface SendOptions {
  body?: unknown;
  token?: string;
  /** Address of the caller, as the edge passes it on. */
  from?: string;
}

export interface Person {
  email: string;
  password: string;
  name: string;
}

export interface SignedIn extends Person {
  id: string;
  accessToken: string;
  refreshToken: string;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** Of another instance that runs already: the new one works on the same data with the same keys. */
  beside?: Running;
}

/** Nobody listens there: events stay in the outbox, where a test can see them. */
export const NO_RABBITMQ = 'amqp://127.0.0.1:1';

/** The service with a Redis of its own and a fresh key, or one more instance beside another one. */
export async function startAuth({ env = {}, beside }: StartOptions = {}): Promise<Running> {
  const redis = beside?.redis ?? (await startRedis());
  const log = collectLog();
  const privateKeyPem = beside?.privateKeyPem ?? createTokenIssuer().privateKeyPem;
  const service = await auth.build({
    env: { REDIS_URL: redis.url, RABBITMQ_URL: NO_RABBITMQ, JWT_PRIVATE_KEY: privateKeyPem, ...env },
    logOutput: log,
  });
  await untilReady(service);

  const sendFrom: Running['send'] = (method, path, { body, token, from = '192.0.2.1' } = {}) => {
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    return send(service, method, path, { body, authorization, headers: { 'x-forwarded-for': from } });
  };

  return {
    service,
    redis,
    log,
    privateKeyPem,
    send: sendFrom,
    async register(person = newPerson()) {
      const { status, body } = await sendFrom('POST', '/api/auth/register', {
        body: person,
        from: nextNetwork(),
      });
      if (status !== 201) throw new Error(`registering ${person.email} was answered ${status} ${body?.code}`);
      return { ...person, id: body.user.id, accessToken: body.accessToken, refreshToken: body.refreshToken };
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      if (beside === undefined) await redis[Symbol.asyncDispose]();
    },
  };
}

let people = 0;

/** Somebody nobody knows yet. */
export function newPerson(): Person {
  people += 1;
  return {
    email: `person-${people}-${Date.now()}@example.org`,
    password: 'correct horse battery',
    name: 'Ada',
  };
}

let networks = 0;

/** An address that nobody came from yet, for what is counted by address. */
export function nextNetwork(): string {
  networks += 1;
  return `198.18.${Math.floor(networks / 250)}.${(networks % 250) + 1}`;
}
