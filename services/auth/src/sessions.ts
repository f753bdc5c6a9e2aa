import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Logger, Redis } from '@tandem/common';
import { sessionEnded } from './problems.ts';

export interface Session {
  id: string;
  accountId: string;
}

export interface OpenedSession extends Session {
  refreshToken: string;
}

export interface Sessions {
  open(accountId: string): Promise<OpenedSession>;
  /**
   * Exchanges a refresh token for the next one. The former one that comes back within a few seconds gets the same
   * answer again (its answer was lost on the way); any later it was stolen, and the session ends for everybody.
   *
   * @throws Problem session-ended
   */
  refresh(refreshToken: string): Promise<OpenedSession>;
  /** Nothing happens if there is no such session. */
  close(refreshToken: string): Promise<void>;
  isOpen(id: string): Promise<boolean>;
}

/** A session that nobody refreshed for this long ends. */
const IDLE_S = 30 * 24 * 60 * 60;

/** How long a lost answer may be asked for again. */
const GRACE_MS = 10_000;

/** KEYS: the session. ARGV: account, digest of its first token, time of opening, idle seconds. */
const OPEN = `
redis.call('HSET', KEYS[1], 'account', ARGV[1], 'current', ARGV[2], 'openedAt', ARGV[3])
return redis.call('EXPIRE', KEYS[1], ARGV[4])
`;

/**
 * KEYS: the session. ARGV: digest of the token that came, digest of the next one, its nonce, idle seconds, grace ms.
 * Replies { "rotated", account } | { "repeated", account, nonce } | { "reused" } | { "unknown" }.
 */
const ROTATE = `
local session = redis.call('HMGET', KEYS[1], 'current', 'previous', 'nonce', 'rotatedAt', 'account')
if not session[1] then return {'unknown'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if session[1] == ARGV[1] then
  redis.call('HSET', KEYS[1], 'current', ARGV[2], 'previous', ARGV[1], 'nonce', ARGV[3], 'rotatedAt', now)
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return {'rotated', session[5]}
end
if session[2] == ARGV[1] and now - session[4] <= tonumber(ARGV[5]) then
  return {'repeated', session[5], session[3]}
end
redis.call('DEL', KEYS[1])
return {'reused'}
`;

/**
 * Sessions in the service's Redis; README.md has the keys. A refresh token is `<family>.<secret>`, and neither half is
 * stored: the session's id is a digest of the family, so that whoever sees the id in an access token cannot end the
 * session with it, and of the secret there is a digest. The next secret is an HMAC of a stored nonce, keyed by the
 * present secret: only the holder of the present one, together with the store, can make it, and make it again.
 */
export function createSessions(redis: Redis, log: Logger): Sessions {
  return {
    async open(accountId) {
      const family = randomBytes(16).toString('base64url');
      const secret = randomBytes(32).toString('base64url');
      const id = idOf(family);
      await redis.eval(OPEN, 1, sessionKey(id), accountId, digest(secret), new Date().toISOString(), IDLE_S);
      return { id, accountId, refreshToken: `${family}.${secret}` };
    },

    async refresh(refreshToken) {
      const { family, secret } = parse(refreshToken);
      const id = idOf(family);
      const nonce = randomBytes(16).toString('base64url');
      const next = successor(secret, nonce);
      const reply = await redis.eval(
        ROTATE,
        1,
        sessionKey(id),
        digest(secret),
        digest(next),
        nonce,
        IDLE_S,
        GRACE_MS,
      );
      const [outcome, accountId, givenNonce] = Array.isArray(reply) ? reply.map(String) : [];
      if (outcome === 'rotated' && accountId !== undefined) {
        return { id, accountId, refreshToken: `${family}.${next}` };
      }
      if (outcome === 'repeated' && accountId !== undefined && givenNonce !== undefined) {
        return { id, accountId, refreshToken: `${family}.${successor(secret, givenNonce)}` };
      }
      if (outcome === 'reused')
        log.warn({ session: id }, 'a used refresh token came back; its session was ended');
      throw sessionEnded();
    },

    async close(refreshToken) {
      await redis.del(sessionKey(idOf(parse(refreshToken).family)));
    },

    async isOpen(id) {
      return (await redis.exists(sessionKey(id))) === 1;
    },
  };
}

function parse(refreshToken: string): { family: string; secret: string } {
  const [family = '', secret = ''] = refreshToken.split('.');
  return { family, secret };
}

function idOf(family: string): string {
  return digest(family).slice(0, 22);
}

function successor(secret: string, nonce: string): string {
  return createHmac('sha256', secret).update(nonce).digest('base64url');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

const sessionKey = (id: string) => `session:${id}`;
