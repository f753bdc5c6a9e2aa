import { randomBytes } from 'node:crypto';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import {
  type Answer,
  collectLog,
  createTokenIssuer,
  type LogLines,
  type Method,
  send,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  untilReady,
} from '@tandem/common/testing';
import { presence } from '../src/service.ts';

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  issuer: TokenIssuer;
  log: LogLines;
  /** @param as whose token comes along; nobody's where it is left out */
  send(method: Method, path: string, as?: string, body?: unknown): Promise<Answer>;
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
  await untilReady(service);
  const sendAs: Running['send'] = (method, path, as, body) => {
    const authorization = as === undefined ? undefined : issuer.authorization(as);
    return send(service, method, path, { authorization, body });
  };
  return {
    ...{ service, redis, issuer, log, send: sendAs },
    say: async (user, state, page = 'page-of-tests') =>
      (await sendAs('PUT', '/api/presence/me', user, { state, page })).status,
    async states(...users) {
      const { body } = await sendAs('GET', `/api/presence?ids=${users.join(',')}`, newId());
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
