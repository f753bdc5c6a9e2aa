import { randomBytes } from 'node:crypto';
import type { Change, Redis } from '@tandem/common';
import { readCursor, writeCursor } from './cursor.ts';
import { roomChanged, roomClosed as roomClosedEvent, roomCreated } from './events.ts';
import {
  admittedKey,
  counterKey,
  invitationsKey,
  invitedKey,
  listKey,
  lobbyKey,
  lobbyNamesKey,
  moderatorsKey,
  ownedKey,
  refusedKey,
  roomKey,
  upcomingKey,
} from './keys.ts';
import { requireDone } from './outcome.ts';
import { roomClosed, roomNotFound, tooManyRooms } from './problems.ts';
import { fieldsOf, type Room, type RoomFields, roomOf, type Schedule, type Settings } from './room.ts';
import { CLOSE, CREATE, UPDATE } from './room-scripts.ts';

export interface Page {
  rooms: Room[];
  /** Give it to get the next page; null at the end. */
  nextCursor: string | null;
}

export interface NewRoom extends Schedule {
  name: string;
  ownerId: string;
  settings: Settings;
}

export type RoomUpdate = Pick<RoomFields, 'name' | 'startsAt' | 'minutes' | 'settings'>;

/** Whose rooms: all, or those that are scheduled and not over. */
export type ListKind = 'all' | 'upcoming';

export interface RoomStore {
  /** @throws Problem too-many-rooms */
  create(room: NewRoom): Promise<Room>;
  /** Also one that is closed. @throws Problem room-not-found */
  get(id: string): Promise<Room>;
  /** @throws Problem room-not-found or room-closed */
  getOpen(id: string): Promise<Room>;
  /**
   * A user's own rooms and those the user was invited to; all: the latest first, upcoming: the next first.
   * @throws Problem invalid-cursor
   */
  list(userId: string, kind: ListKind, limit: number, cursor: string | undefined): Promise<Page>;
  /**
   * @param expected only if the room has this version; null for any
   * @throws Problem room-not-found, room-closed, not-moderator or precondition-failed
   */
  update(id: string, userId: string, changes: RoomUpdate, expected: number | null): Promise<Room>;
  /** Nothing happens if it is closed already. @throws Problem room-not-found or not-owner */
  close(id: string, userId: string): Promise<void>;
}

const MOST_ROOMS = 1_000;

/** A room that is scheduled without an end is over after this time. */
const USUAL_MINUTES = 60;

/** No room is scheduled for longer. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/** How long whoever has the link is told that the room is closed, and not that there is none. */
const KEEP_CLOSED_S = 30 * 24 * 60 * 60;

/** Rooms in the service's Redis; each method is one step in it, whatever other instances do. */
export function createRoomStore(redis: Redis, change: Change): RoomStore {
  async function find(id: string): Promise<Room | null> {
    return roomOf(id, await redis.hgetall(roomKey(id)));
  }

  async function get(id: string): Promise<Room> {
    const room = await find(id);
    if (room === null) throw roomNotFound();
    return room;
  }

  return {
    get,

    async getOpen(id) {
      const room = await get(id);
      if (room.closedAt !== null) throw roomClosed();
      return room;
    },

    async create(wanted) {
      // Whoever knows the id may ask to be let in, so it cannot be guessed: 128 random bits.
      const id = randomBytes(16).toString('base64url');
      const { name, ownerId, startsAt, minutes } = wanted;
      const room: Room = { ...wanted, id, createdAt: new Date().toISOString(), closedAt: null, version: 1 };
      const start = msOf(startsAt);
      const outcome = await change({
        script: CREATE,
        keys: [roomKey(id), listKey(ownerId), counterKey(ownerId), ownedKey(ownerId), upcomingKey(ownerId)],
        args: [MOST_ROOMS, id, start, 'startsMs', start, ...fieldsOf(withoutIdentity(room))],
        publish: [roomCreated({ id, name, ownerId, startsAt, minutes, createdAt: room.createdAt })],
      });
      if (outcome === 'too many') throw tooManyRooms(`${MOST_ROOMS} rooms; close one first.`);
      return room;
    },

    async list(userId, kind, limit, cursor) {
      const now = Date.now();
      const after = cursor === undefined ? null : readCursor(cursor);
      // One more than asked for tells whether there is a next page.
      const places = await (kind === 'all'
        ? readAll(userId, after?.score ?? null, limit + 1)
        : readUpcoming(userId, after, now, limit + 1));
      const page = places.slice(0, limit);
      const rooms = await Promise.all(page.map(([id]) => find(id)));
      const [lastId, lastScore] = page.at(-1) ?? [];
      const more = places.length > limit && lastId !== undefined && lastScore !== undefined;
      return {
        // A room that was closed between the two reads is simply no longer there.
        rooms: rooms
          .filter((room) => room !== null)
          .filter((room) => room.closedAt === null && (kind === 'all' || endOf(room) > now)),
        nextCursor: more ? writeCursor(lastScore, lastId) : null,
      };
    },

    async update(id, userId, changes, expected) {
      const { name, startsAt, minutes } = changes;
      const told = {
        ...(name === undefined ? {} : { name }),
        ...(startsAt === undefined ? {} : { startsAt }),
        ...(minutes === undefined ? {} : { minutes }),
      };
      const start = startsAt === undefined ? 'same' : msOf(startsAt);
      const fields = [...(startsAt === undefined ? [] : ['startsMs', msOf(startsAt)]), ...fieldsOf(changes)];
      const outcome = await change({
        script: UPDATE,
        keys: [roomKey(id), moderatorsKey(id), invitedKey(id)],
        args: [userId, expected ?? '', id, start, ...fields],
        // Settings are nobody else's business.
        ...(Object.keys(told).length === 0 ? {} : { publish: [roomChanged({ id, ...told })] }),
      });
      requireDone(outcome);
      return get(id);
    },

    async close(id, userId) {
      const closedAt = new Date().toISOString();
      const members = [
        moderatorsKey,
        invitedKey,
        invitationsKey,
        lobbyKey,
        lobbyNamesKey,
        admittedKey,
        refusedKey,
      ];
      const outcome = await change({
        script: CLOSE,
        keys: [roomKey(id), ...members.map((key) => key(id))],
        args: [userId, id, closedAt, KEEP_CLOSED_S],
        publish: [roomClosedEvent({ id, closedAt })],
      });
      if (outcome !== 'closed') requireDone(outcome);
    },
  };

  async function readAll(userId: string, before: number | null, count: number): Promise<[string, string][]> {
    const from = before === null ? '+inf' : `(${before}`;
    return pairs(
      await redis.zrevrangebyscore(listKey(userId), from, '-inf', 'WITHSCORES', 'LIMIT', 0, count),
    );
  }

  /** Rooms can start at the same moment: the next page begins after the last room, not after its time. */
  async function readUpcoming(
    userId: string,
    after: { score: number; id: string } | null,
    now: number,
    count: number,
  ): Promise<[string, string][]> {
    const key = upcomingKey(userId);
    if (after === null) {
      return pairs(await redis.zrangebyscore(key, now - LONGEST_MS, '+inf', 'WITHSCORES', 'LIMIT', 0, count));
    }
    const rank = await redis.zrank(key, after.id);
    if (rank !== null) return pairs(await redis.zrange(key, `${rank + 1}`, `${rank + count}`, 'WITHSCORES'));
    return pairs(await redis.zrangebyscore(key, `(${after.score}`, '+inf', 'WITHSCORES', 'LIMIT', 0, count));
  }
}

function msOf(startsAt: string | null): number | '' {
  return startsAt === null ? '' : Date.parse(startsAt);
}

function endOf({ startsAt, minutes }: Room): number {
  return startsAt === null ? 0 : Date.parse(startsAt) + (minutes ?? USUAL_MINUTES) * 60_000;
}

function withoutIdentity({ id: _, version: __, ...fields }: Room): RoomFields {
  return fields;
}

function pairs(flat: string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    result.push([flat[index] ?? '', flat[index + 1] ?? '']);
  }
  return result;
}
