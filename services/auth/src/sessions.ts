import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Logger, Redis } from '@tandem/common';
import { sessionEnded } from './problems.ts';
import { CLOSE, CLOSE_ALL, LIST, OPEN, ROTATE } from './session-scripts.ts';

/** Whom a session is of: the owner of an account, or a guest under a name. */
export interface Holder {
  userId: string;
  guestName: string | null;
}

export interface OpenedSession extends Holder {
  id: string;
  refreshToken: string;
}

/** A session as its owner sees it. */
export interface ListedSession {
  id: string;
  openedAt: string;
  /** When its tokens were exchanged the last time. */
  usedAt: string;
  /** What the program called itself that logged in. */
  agent: string;
}

export interface Sessions {
  /** Opens a session; the oldest one of an account that has too many ends. */
  open(holder: Holder, agent: string): Promise<OpenedSession>;
  /**
   * Exchanges a refresh token for the next one. The former one that comes back within a few seconds gets the same
   * answer again (its answer was lost on the way); any later it was stolen, and the session ends for everybody.
   *
   * @throws Problem session-ended
   */
  refresh(refreshToken: string): Promise<OpenedSession>;
  /** Ends the session of a refresh token. Nothing happens if there is none. */
  close(refreshToken: string): Promise<void>;
  /** Ends one session of an account. Nothing happens if the account has no such session. */
  closeOwn(userId: string, id: string): Promise<void>;
  /** Ends the sessions of an account, all or all but one. */
  closeAll(userId: string, except: string | null): Promise<void>;
  /** The open ones of an account, those opened last first. */
  list(userId: string): Promise<ListedSession[]>;
  isOpen(id: string): Promise<boolean>;
}

/** A session that nobody refreshed for this long ends. */
const ACCOUNT_IDLE_S = 30 * 24 * 60 * 60;

/** A guest comes for a call, and is somebody new the next day. */
const GUEST_IDLE_S = 24 * 60 * 60;

/** How long a lost answer may be asked for again. */
const GRACE_MS = 10_000;

const MOST_SESSIONS = 100;

/**
 * Sessions in the service's Redis; README.md has the keys. A refresh token is `<family>.<secret>`, and neither half is
 * stored: the session's id is a digest of the family, so that whoever sees the id in an access token cannot end the
 * session with it, and of the secret there is a digest. The next secret is an HMAC of a stored nonce, keyed by the
 * present secret: only the holder of the present one, together with the store, can make it, and make it again.
 */
export function createSessions(redis: Redis, log: Logger): Sessions {
  return {
    async open(holder, agent) {
      const { userId, guestName } = holder;
      const family = randomBytes(16).toString('base64url');
      const secret = randomBytes(32).toString('base64url');
      const id = idOf(family);
      const idleS = guestName === null ? ACCOUNT_IDLE_S : GUEST_IDLE_S;
      const fields = { user: userId, ...(guestName === null ? {} : { guest: guestName }), agent };
      const pairs = Object.entries(fields).flat();
      await redis.eval(
        OPEN,
        2,
        sessionKey(id),
        listKey(userId),
        id,
        digest(secret),
        idleS,
        MOST_SESSIONS,
        ...pairs,
      );
      return { id, ...holder, refreshToken: `${family}.${secret}` };
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
        id,
        digest(secret),
        digest(next),
        nonce,
        GRACE_MS,
      );
      const [outcome, userId, guest, givenNonce] = Array.isArray(reply) ? reply.map(String) : [];
      if (outcome === 'reused') {
        log.warn({ session: id }, 'a used refresh token came back; its session was ended');
      }
      if (userId === undefined || givenNonce === undefined) throw sessionEnded();
      // Of a repeated exchange the nonce is that of the first one, so that it gives the same token.
      const guestName = guest === '' || guest === undefined ? null : guest;
      return { id, userId, guestName, refreshToken: `${family}.${successor(secret, givenNonce)}` };
    },

    async close(refreshToken) {
      const id = idOf(parse(refreshToken).family);
      await redis.eval(CLOSE, 1, sessionKey(id), id, '');
    },

    async closeOwn(userId, id) {
      await redis.eval(CLOSE, 1, sessionKey(id), id, userId);
    },

    async closeAll(userId, except) {
      await redis.eval(CLOSE_ALL, 1, listKey(userId), except ?? '');
    },

    async list(userId) {
      const reply = await redis.eval(LIST, 1, listKey(userId));
      const rows: unknown[] = Array.isArray(reply) ? reply : [];
      return rows.map((row) => {
        const [id = '', openedAt, usedAt, agent = ''] = Array.isArray(row) ? row.map(String) : [];
        const time = (ms: string | undefined) => new Date(Number(ms)).toISOString();
        return { id, openedAt: time(openedAt), usedAt: time(usedAt), agent };
      });
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
const listKey = (userId: string) => `sessions-of:${userId}`;
