import { randomBytes } from 'node:crypto';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import {
  type Answer,
  collectLog,
  createTokenIssuer,
  type LogLines,
  type Method,
  type Sent,
  send,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  untilReady,
} from '@tandem/common/testing';
import { users } from '../src/service.ts';

export interface SendOptions extends Pick<Sent, 'body' | 'headers'> {
  /** Who asks; nobody when not given. */
  as?: string;
  /** The one who asks is a guest. */
  guest?: boolean;
}

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  issuer: TokenIssuer;
  log: LogLines;
  send(method: Method, path: string, options?: SendOptions): Promise<Answer>;
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
  await untilReady(service);
  return {
    service,
    redis,
    issuer,
    log,
    send(method, path, { as, guest = false, ...sent } = {}) {
      const claims = guest ? { guest: 'A guest' } : {};
      const authorization = as === undefined ? undefined : `Bearer ${issuer.token(as, claims)}`;
      return send(service, method, path, { ...sent, authorization });
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
