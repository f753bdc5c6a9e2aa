import { randomBytes } from 'node:crypto';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import {
  type Answer,
  collectLog,
  createTokenIssuer,
  type IssuerAnswer,
  type LogLines,
  type Method,
  type Sent,
  send,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  untilReady,
} from '@tandem/common/testing';
import { rooms } from '../src/service.ts';

export interface SendOptions extends Pick<Sent, 'body' | 'headers'> {
  /** Who asks; nobody when not given. */
  as?: string;
  /** The one who asks is a guest of this name. */
  guest?: string;
}

export type Send = (method: Method, path: string, options?: SendOptions) => Promise<Answer>;

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  /** Stands in for auth. */
  auth: TokenIssuer;
  /** Stands in for users: everybody has a profile but those in `strangers`. */
  users: TokenIssuer;
  strangers: Set<string>;
  /** Users whose session has ended. */
  loggedOut: Set<string>;
  privateKeyPem: string;
  log: LogLines;
  send: Send;
  /** Makes a room, and gives its id. */
  create(owner: string, body?: object): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** One more instance beside this one, on the same data. */
  beside?: Running;
}

/** The service beside a Redis and stand-ins for auth and users. */
export async function startRooms({ env = {}, beside }: StartOptions = {}): Promise<Running> {
  const redis = beside?.redis ?? (await startRedis());
  const [auth, users] =
    beside === undefined ? [createTokenIssuer(), createTokenIssuer('users')] : [beside.auth, beside.users];
  const strangers = beside?.strangers ?? new Set<string>();
  const loggedOut = beside?.loggedOut ?? new Set<string>();
  if (beside === undefined) await listen(auth, users, { strangers, loggedOut });
  const privateKeyPem = beside?.privateKeyPem ?? createTokenIssuer().privateKeyPem;
  const log = collectLog();
  const service = await rooms.build({
    env: {
      REDIS_URL: redis.url,
      // Nobody listens there: events stay in the outbox, where a test can see them.
      RABBITMQ_URL: 'amqp://127.0.0.1:1',
      GRANT_PRIVATE_KEY: privateKeyPem,
      ...env,
    },
    logOutput: log,
    discovery: createStaticDiscovery({ auth: auth.instances, users: users.instances }),
  });
  await untilReady(service);

  const sendAs: Send = (method, path, { as, guest, ...sent } = {}) => {
    const claims = guest === undefined ? {} : { guest };
    const authorization = as === undefined ? undefined : `Bearer ${auth.token(as, claims)}`;
    return send(service, method, path, { ...sent, authorization });
  };

  return {
    ...{ service, redis, auth, users, strangers, loggedOut, privateKeyPem, log, send: sendAs },
    async create(owner, body = {}) {
      const answer = await sendAs('POST', '/api/rooms', { as: owner, body: { name: 'Standup', ...body } });
      if (answer.status !== 201) throw new Error(`no room: ${answer.status} ${answer.code}`);
      return answer.body.id;
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      if (beside !== undefined) return;
      await Promise.all([auth.close(), users.close()]);
      await redis[Symbol.asyncDispose]();
    },
  };
}

async function listen(
  auth: TokenIssuer,
  users: TokenIssuer,
  { strangers, loggedOut }: { strangers: Set<string>; loggedOut: Set<string> },
): Promise<void> {
  await auth.listen({
    '/internal/auth/session': ({ headers }) => {
      const userId = subjectOf(headers.authorization);
      return loggedOut.has(userId)
        ? { status: 401, body: { code: 'session-ended' } }
        : { status: 200, body: { userId, sessionId: 'x' } };
    },
  });
  const profile = (id: string) =>
    strangers.has(id)
      ? { status: 404, body: { code: 'user-not-found' } }
      : { status: 200, body: profileOf(id) };
  const answers: Record<string, IssuerAnswer> = {
    '/api/users/me': ({ headers }) => profile(subjectOf(headers.authorization)),
  };
  await users.listen(
    new Proxy(answers, {
      get: (known, path) => known[String(path)] ?? (() => profile(String(path).replace('/api/users/', ''))),
    }),
  );
}

/** As users answers it. */
const profileOf = (id: string) => ({
  id,
  name: `Name of ${id}`,
  initials: 'N',
  color: '#2a5bb5',
  avatar: `/api/users/${id}/avatar?v=1`,
  hasImage: false,
  language: null,
  timeZone: null,
  createdAt: '2026-01-01T00:00:00.000Z',
});

function subjectOf(authorization: string | undefined): string {
  const [, payload = ''] = (authorization ?? '').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).sub;
}

/** Somebody, or some room, that nobody knows yet. */
export const newId = (): string => randomBytes(16).toString('base64url');
