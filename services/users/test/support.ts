import { randomBytes } from 'node:crypto';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import {
  collectLog,
  createTokenIssuer,
  type LogLines,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  waitFor,
} from '@tandem/common/testing';
import { users } from '../src/service.ts';

export interface Answer {
  status: number;
  /** `code` of a problem; undefined for a success. */
  code: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects of it says what it is
  body: any;
  headers: Record<string, unknown>;
  bytes: Buffer;
}

export interface SendOptions {
  body?: unknown;
  /** Who asks; nobody when not given. */
  as?: string;
  /** The one who asks is a guest. */
  guest?: boolean;
  headers?: Record<string, string>;
}

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  issuer: TokenIssuer;
  log: LogLines;
  send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options?: SendOptions,
  ): Promise<Answer>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** As a deploy declares it. */
export const QUEUES = JSON.stringify([
  { queue: 'users', events: ['user.registered'], prefetch: 10, retries: [], dead: 'users.dead' },
]);

/** The service beside a Redis and a stand-in for auth, which knows the accounts in `names`. */
export async function startUsers(
  names: Record<string, string> = {},
  env: Record<string, string> = {},
): Promise<Running> {
  const [redis, issuer, log] = [await startRedis(), createTokenIssuer(), collectLog()];
  await issuer.listen({
    '/api/auth/me': ({ headers }) => {
      const id = subjectOf(headers.authorization ?? '');
      const name = names[id];
      return name === undefined
        ? { status: 401, body: { code: 'session-ended' } }
        : { status: 200, body: { id, name, email: 'x@example.org', createdAt: '2026-01-01T00:00:00.000Z' } };
    },
  });
  const service = await users.build({
    env: { REDIS_URL: redis.url, RABBITMQ_URL: 'amqp://127.0.0.1:1', QUEUES, ...env },
    logOutput: log,
    discovery: createStaticDiscovery({ auth: issuer.instances }),
  });
  await waitFor(
    'users is ready',
    async () => (await service.app.inject('/healthz/ready')).statusCode === 200,
  );
  return {
    service,
    redis,
    issuer,
    log,
    async send(method, path, { body, as, guest = false, headers = {} } = {}) {
      const token = as === undefined ? undefined : issuer.token(as, guest ? { guest: 'A guest' } : {});
      const answer = await service.app.inject({
        method,
        url: path,
        headers: {
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const isJson = answer.body !== '' && String(answer.headers['content-type']).includes('json');
      const json = isJson ? answer.json() : undefined;
      return {
        status: answer.statusCode,
        code: answer.statusCode >= 400 ? json.code : undefined,
        body: json,
        headers: answer.headers,
        bytes: answer.rawPayload,
      };
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      await issuer.close();
      await redis[Symbol.asyncDispose]();
    },
  };
}

function subjectOf(authorization: string): string {
  const [, payload = ''] = authorization.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).sub;
}

export const newId = (): string => randomBytes(16).toString('base64url');
