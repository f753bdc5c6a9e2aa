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
import { presence } from '../src/service.ts';

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  issuer: TokenIssuer;
  log: LogLines;
  /** @param as whose token comes along; nobody's where it is left out */
  send(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    as?: string,
    body?: unknown,
    // biome-ignore lint/suspicious/noExplicitAny: what the test expects of it says what it is
  ): Promise<{ status: number; code: string | undefined; body: any }>;
  say(user: string, state: string, page?: string): Promise<number>;
  /** The states of these users, in the eyes of somebody with an account. */
  states(...users: string[]): Promise<(string | undefined)[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const newId = (): string => randomBytes(16).toString('base64url');

/** The service beside a Redis and an issuer of tokens, or one more instance beside another one. */
export async function startPresence(beside?: Running, env: Record<string, string> = {}): Promise<Running> {
  const redis = beside?.redis ?? (await startRedis());
  const issuer = beside?.issuer ?? createTokenIssuer();
  if (beside === undefined) await issuer.listen();
  const log = collectLog();
  const service = await presence.build({
    env: { REDIS_URL: redis.url, ...env },
    logOutput: log,
    discovery: createStaticDiscovery({ auth: issuer.instances }),
  });
  await waitFor(
    'presence is ready',
    async () => (await service.app.inject('/healthz/ready')).statusCode === 200,
  );
  const send: Running['send'] = async (method, path, as, body) => {
    const answer = await service.app.inject({
      method,
      url: path,
      headers: {
        ...(as === undefined ? {} : { authorization: issuer.authorization(as) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    const json = answer.body === '' ? undefined : answer.json();
    return { status: answer.statusCode, code: answer.statusCode >= 400 ? json.code : undefined, body: json };
  };
  return {
    ...{ service, redis, issuer, log, send },
    say: async (user, state, page = 'page-of-tests') =>
      (await send('PUT', '/api/presence/me', user, { state, page })).status,
    async states(...users) {
      const { body } = await send('GET', `/api/presence?ids=${users.join(',')}`, newId());
      const known = new Map<string, string>(
        body.presences.map(({ user, state }: { user: string; state: string }) => [user, state]),
      );
      return users.map((user) => known.get(user));
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      if (beside !== undefined) return;
      await issuer.close();
      await redis[Symbol.asyncDispose]();
    },
  };
}
