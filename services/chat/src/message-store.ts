import { type Change, type Redis, runScript } from '@tandem/common';
import type { Admission } from './grant.ts';
import { roomClosed } from './problems.ts';
import type { Message } from './schemas.ts';
import { CLOSE, MARK, POST } from './scripts.ts';

/** About so many messages of a room are kept, 8 MiB of the longest ones; the oldest go first. */
const MOST_MESSAGES = 2_000;

/** A message that comes again after that is another one, in seconds. */
const KNOWN_S = 24 * 3600;

/** A room in which nobody has written for so long has no history any more, in seconds. */
const KEPT_S = 400 * 24 * 3600;

/** Longer than any grant: afterwards nobody can write into a closed room anyway, in seconds. */
const CLOSED_S = 3600;

/** So many messages are read at once. */
export const PAGE = 100;

/** Unread messages are counted up to here. */
const MOST_UNREAD = 100;

/** The messages of rooms, in the service's Redis: one stream for each. Commands throw UnavailableError while it is away. */
export class MessageStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * Writes a message, or finds the one that was written under this id before.
   * @throws Problem room-closed
   */
  async post(
    { room, user, name }: Admission,
    { id, text }: { id: string; text: string },
  ): Promise<{ message: Message; isNew: boolean }> {
    const reply = await runScript(
      this.#redis,
      POST,
      [messagesKey(room), `sent:${room}:${user}:${id}`, closedKey(room)],
      [room, JSON.stringify({ id, user, name, text }), MOST_MESSAGES, KNOWN_S, KEPT_S],
    );
    if (!Array.isArray(reply)) throw roomClosed();
    const [cursor, isNew] = [String(reply[0]), reply[1] === 1];
    // Under a known id the first text counts; one that is not kept any more is told as it came.
    const [first] = isNew ? [] : await this.#redis.xrange(messagesKey(room), cursor, cursor);
    const message =
      first === undefined ? { cursor, id, user, name, text, sentAt: timeOf(cursor) } : read(first);
    return { message, isNew };
  }

  /** The last messages before a place, the oldest first; `before` leads to those before them. */
  async history(
    room: string,
    before: string | undefined,
    limit: number,
  ): Promise<{ messages: Message[]; before: string | null }> {
    // Nothing is before the first place that there can be, and Redis refuses to look there.
    if (before !== undefined && /^0+-0+$/.test(before)) return { messages: [], before: null };
    const end = before === undefined ? '+' : `(${before}`;
    // One more than asked for tells whether there are more.
    const entries = await this.#redis.xrevrange(messagesKey(room), end, '-', 'COUNT', limit + 1);
    const messages = entries.slice(0, limit).reverse().map(read);
    return { messages, before: entries.length > limit ? (messages[0]?.cursor ?? null) : null };
  }

  /** What was written after a place, the oldest first; at most `PAGE` at once. */
  async after(room: string, cursor: string): Promise<Message[]> {
    return (await this.#redis.xrange(messagesKey(room), `(${cursor}`, '+', 'COUNT', PAGE)).map(read);
  }

  /** Place of the last message of a room; `0-0` for none. */
  async latest(room: string): Promise<string> {
    const [last] = await this.#redis.xrevrange(messagesKey(room), '+', '-', 'COUNT', 1);
    return last?.[0] ?? '0-0';
  }

  /** How far somebody has read, and how much of others is behind that. */
  async marks({ room, user }: Admission): Promise<{ read: string | null; unread: number }> {
    const mark = await this.#redis.hget(readKey(room), user);
    const start = mark === null ? '-' : `(${mark}`;
    const entries = await this.#redis.xrange(messagesKey(room), start, '+', 'COUNT', MOST_UNREAD);
    return { read: mark, unread: entries.filter((entry) => read(entry).user !== user).length };
  }

  async mark({ room, user }: Admission, upTo: string): Promise<void> {
    await runScript(this.#redis, MARK, [readKey(room)], [user, upTo, KEPT_S]);
  }
}

/** Forgets all that was written in a room. */
export async function forgetRoom(change: Change, room: string): Promise<void> {
  await change({
    script: CLOSE,
    keys: [messagesKey(room), readKey(room), closedKey(room)],
    args: [CLOSED_S],
  });
}

const messagesKey = (room: string) => `room:${room}:messages`;
const readKey = (room: string) => `room:${room}:read`;
const closedKey = (room: string) => `room:${room}:closed`;

/** Written by `post` above. */
function read([cursor, [, text = '']]: [string, string[]]): Message {
  return { cursor, ...JSON.parse(text), sentAt: timeOf(cursor) };
}

function timeOf(cursor: string): string {
  return new Date(Number(cursor.split('-', 1)[0])).toISOString();
}
