import { createHash, randomBytes } from 'node:crypto';
import { type Change, type Redis, type Static, Type } from '@tandem/common';
import { roomInvited, roomUninvited } from './events.ts';
import {
  admittedKey,
  invitationsKey,
  invitedKey,
  lobbyKey,
  lobbyNamesKey,
  moderatorsKey,
  refusedKey,
  roomKey,
} from './keys.ts';
import { requireDone } from './outcome.ts';
import type { Room } from './room.ts';
import {
  ADD_MODERATOR,
  DECIDE,
  INVITE,
  LIST_LOBBY,
  REMOVE_MODERATOR,
  UNINVITE,
  WAIT,
} from './room-scripts.ts';

export interface Invitation {
  id: string;
  /** One of the two is not null. */
  userId: string | null;
  email: string | null;
  invitedBy: string;
  createdAt: string;
}

/** What one user is to a room. */
export interface Standing {
  moderator: boolean;
  invited: boolean;
  admitted: boolean;
  refused: boolean;
}

export interface Members {
  /** @param code of an invitation by mail */
  standing(roomId: string, userId: string, code: string | undefined): Promise<Standing>;
  moderators(roomId: string): Promise<string[]>;
  /** @throws Problem not-owner, too-many-members, and those of a room that is not there */
  addModerator(roomId: string, by: string, userId: string): Promise<void>;
  removeModerator(roomId: string, by: string, userId: string): Promise<void>;
  /**
   * Invites somebody, or gives the invitation that there is already. The code of one by mail is known here only once.
   * @throws Problem not-moderator, too-many-members, and those of a room that is not there
   */
  invite(
    room: Room,
    by: Inviter,
    whom: Invitee,
  ): Promise<{ invitation: Invitation; code: string | null; created: boolean }>;
  invitations(roomId: string): Promise<Invitation[]>;
  uninvite(room: Room, by: string, invitationId: string): Promise<void>;
  /** Comes into the lobby, or stays there: who is not heard of for a minute has left it. */
  wait(roomId: string, userId: string, name: string): Promise<void>;
  lobby(roomId: string): Promise<{ userId: string; name: string }[]>;
  /** Somebody has got in by an open door: whatever the settings become, they may come back. */
  stay(roomId: string, userId: string): Promise<void>;
  decide(roomId: string, by: string, userId: string, decision: 'admit' | 'refuse'): Promise<void>;
}

export interface Inviter {
  id: string;
  /** Null where it is not known. */
  name: string | null;
}

export type Invitee = { userId: string; email: null } | { userId: null; email: string };

const MOST_INVITATIONS = 500;
const MOST_MODERATORS = 50;
const MOST_WAITING = 500;
const LEFT_AFTER_MS = 60_000;

/** Long enough for any call; the next one decides anew. */
const KEEP_DECISION_S = 24 * 60 * 60;

/** Of an invitation that is not there: nobody is told of it. */
const nobody = { userId: null, email: null };

const StoredInvitation = Type.Object({
  userId: Type.Union([Type.String(), Type.Null()]),
  email: Type.Union([Type.String(), Type.Null()]),
  invitedBy: Type.String(),
  createdAt: Type.String(),
});

/** Who belongs to a room, in the service's Redis. */
export function createMembers(redis: Redis, change: Change): Members {
  async function step(script: string, keys: string[], args: (string | number)[]): Promise<void> {
    requireDone(await change({ script, keys, args }));
  }

  return {
    async standing(roomId, userId, code) {
      const fields = [`user:${userId}`, ...(code === undefined ? [] : [`code:${digest(code)}`])];
      const [moderator, invited, admitted, refused] = await Promise.all([
        redis.sismember(moderatorsKey(roomId), userId),
        redis.hmget(invitedKey(roomId), ...fields),
        redis.sismember(admittedKey(roomId), userId),
        redis.sismember(refusedKey(roomId), userId),
      ]);
      return {
        moderator: moderator === 1,
        invited: invited.some((found) => found !== null),
        admitted: admitted === 1,
        refused: refused === 1,
      };
    },

    moderators: async (roomId) => (await redis.smembers(moderatorsKey(roomId))).sort(),
    addModerator: (roomId, by, userId) =>
      step(ADD_MODERATOR, [roomKey(roomId), moderatorsKey(roomId)], [by, userId, MOST_MODERATORS]),
    removeModerator: (roomId, by, userId) =>
      step(REMOVE_MODERATOR, [roomKey(roomId), moderatorsKey(roomId)], [by, userId]),

    async invite({ id: roomId, name: roomName, startsAt, minutes }, by, whom) {
      const id = randomBytes(16).toString('base64url');
      const code = whom.email === null ? null : randomBytes(16).toString('base64url');
      const stored = { ...whom, invitedBy: by.id, createdAt: new Date().toISOString() };
      const who = whom.email === null ? `user:${whom.userId}` : `mail:${whom.email}`;
      const reply = await change({
        script: INVITE,
        keys: keysOf(roomId),
        args: [
          ...[by.id, roomId, who, id, JSON.stringify(stored)],
          ...[code === null ? '' : digest(code), MOST_INVITATIONS],
        ],
        publish: [
          roomInvited({
            roomId,
            roomName,
            invitationId: id,
            inviterId: by.id,
            ...(by.name === null ? {} : { inviterName: by.name }),
            ...whom,
            code,
            startsAt,
            minutes,
          }),
        ],
      });
      const [outcome, found] = Array.isArray(reply) ? reply.map(String) : [];
      requireDone(outcome);
      if (outcome === 'known' && found !== undefined) {
        const text = await redis.hget(invitationsKey(roomId), found);
        if (text !== null) return { invitation: read(found, text), code: null, created: false };
      }
      return { invitation: { id, ...stored }, code, created: true };
    },

    async invitations(roomId) {
      const found = Object.entries(await redis.hgetall(invitationsKey(roomId)));
      return found
        .map(([id, text]) => read(id, text))
        .sort((one, other) => one.createdAt.localeCompare(other.createdAt) || one.id.localeCompare(other.id));
    },

    async uninvite({ id: roomId, name: roomName }, by, invitationId) {
      const text = await redis.hget(invitationsKey(roomId), invitationId);
      const { userId, email } = text === null ? nobody : read(invitationId, text);
      const outcome = await change({
        script: UNINVITE,
        keys: keysOf(roomId),
        args: [by, roomId, invitationId],
        publish: [roomUninvited({ roomId, roomName, invitationId, userId, email })],
      });
      requireDone(outcome);
    },

    wait: (roomId, userId, name) =>
      step(
        WAIT,
        [roomKey(roomId), lobbyKey(roomId), lobbyNamesKey(roomId)],
        [userId, name, MOST_WAITING, LEFT_AFTER_MS, KEEP_DECISION_S],
      ),

    async lobby(roomId) {
      const keys = [lobbyKey(roomId), lobbyNamesKey(roomId)];
      const reply = await redis.eval(LIST_LOBBY, 2, ...keys, LEFT_AFTER_MS);
      const rows: unknown[] = Array.isArray(reply) ? reply : [];
      return rows.map((row) => {
        const [userId = '', name = ''] = Array.isArray(row) ? row.map(String) : [];
        return { userId, name };
      });
    },

    async stay(roomId, userId) {
      await redis
        .multi()
        .sadd(admittedKey(roomId), userId)
        .expire(admittedKey(roomId), KEEP_DECISION_S)
        .exec();
    },

    decide: (roomId, by, userId, decision) =>
      step(
        DECIDE,
        [roomKey, moderatorsKey, admittedKey, refusedKey, lobbyKey, lobbyNamesKey].map((key) => key(roomId)),
        [by, userId, decision, KEEP_DECISION_S],
      ),
  };
}

const keysOf = (roomId: string) =>
  [roomKey, moderatorsKey, invitationsKey, invitedKey].map((key) => key(roomId));

/** Written by `invite` above. */
function read(id: string, text: string): Invitation {
  const stored: Static<typeof StoredInvitation> = JSON.parse(text);
  return { id, ...stored };
}

/** Who can read the store cannot use the codes in it. */
function digest(code: string): string {
  return createHash('sha256').update(code).digest('base64url').slice(0, 22);
}
