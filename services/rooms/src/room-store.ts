import { randomBytes } from 'node:crypto';
import type { Redis } from '@tandem/common';
import { invalidCursor, notOwner, roomNotFound, tooManyRooms } from './problems.ts';

export interface Room {
  id: string;
  name: string;
  ownerId: string;
  createdAt: string;
}

export interface Page {
  rooms: Room[];
  /** Give it to get the next page; null at the end. */
  nextCursor: string | null;
}

export interface RoomStore {
  /** @throws Problem too-many-rooms */
  create(room: { name: string; ownerId: string }): Promise<Room>;
  /** @throws Problem room-not-found */
  get(id: string): Promise<Room>;
  /** Newest first. @throws Problem invalid-cursor */
  listOwned(ownerId: string, limit: number, cursor: string | undefined): Promise<Page>;
  /** @throws Problem room-not-found or not-owner */
  delete(id: string, ownerId: string): Promise<void>;
}

const MOST_ROOMS = 1_000;

/**
 * KEYS: room, the owner's list, the owner's counter. ARGV: most rooms, id, then the room's fields.
 * The counter gives every room of an owner a place of its own in the list, also to rooms of the same millisecond.
 */
const CREATE = `
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('ZADD', KEYS[2], redis.call('INCR', KEYS[3]), ARGV[2])
return 1
`;

/** KEYS: room, the owner's list. ARGV: owner, id. */
const DELETE = `
local owner = redis.call('HGET', KEYS[1], 'ownerId')
if not owner then return 'missing' end
if owner ~= ARGV[1] then return 'foreign' end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 'deleted'
`;

/** Rooms in the service's Redis; README.md has the keys. */
export function createRoomStore(redis: Redis): RoomStore {
  async function find(id: string): Promise<Room | null> {
    const { name, ownerId, createdAt } = await redis.hgetall(roomKey(id));
    return name === undefined || ownerId === undefined || createdAt === undefined
      ? null
      : { id, name, ownerId, createdAt };
  }

  return {
    async create({ name, ownerId }) {
      // Whoever knows the id may ask to be let in, so it cannot be guessed: 128 random bits.
      const room: Room = {
        id: randomBytes(16).toString('base64url'),
        name,
        ownerId,
        createdAt: new Date().toISOString(),
      };
      const { id, ...fields } = room;
      const keys = [roomKey(id), listKey(ownerId), counterKey(ownerId)];
      const created = await redis.eval(CREATE, 3, ...keys, MOST_ROOMS, id, ...Object.entries(fields).flat());
      if (created !== 1) throw tooManyRooms(`${MOST_ROOMS} rooms; delete one first.`);
      return room;
    },

    async get(id) {
      const room = await find(id);
      if (room === null) throw roomNotFound();
      return room;
    },

    async listOwned(ownerId, limit, cursor) {
      const before = cursor === undefined ? '+inf' : `(${readCursor(cursor)}`;
      // One more than asked for tells whether there is a next page.
      const found = await redis.zrevrangebyscore(
        listKey(ownerId),
        before,
        '-inf',
        'WITHSCORES',
        'LIMIT',
        0,
        limit + 1,
      );
      const places = pairs(found);
      const page = places.slice(0, limit);
      const rooms = await Promise.all(page.map(([id]) => find(id)));
      const last = page.at(-1);
      return {
        // A room that was deleted between the two reads is simply no longer there.
        rooms: rooms.filter((room) => room !== null),
        nextCursor: places.length > limit && last !== undefined ? writeCursor(last[1]) : null,
      };
    },

    async delete(id, ownerId) {
      const outcome = await redis.eval(DELETE, 2, roomKey(id), listKey(ownerId), ownerId, id);
      if (outcome === 'missing') throw roomNotFound();
      if (outcome === 'foreign') throw notOwner();
    },
  };
}

function writeCursor(score: string): string {
  return Buffer.from(score).toString('base64url');
}

function readCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{1,15}$/.test(text)) throw invalidCursor();
  return Number(text);
}

function pairs(flat: string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2)
    result.push([flat[index] ?? '', flat[index + 1] ?? '']);
  return result;
}

const roomKey = (id: string) => `room:${id}`;
const listKey = (ownerId: string) => `rooms-of:${ownerId}`;
const counterKey = (ownerId: string) => `rooms-of:${ownerId}:counter`;
