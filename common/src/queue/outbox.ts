import type { Lease } from '../redis/lease.ts';
import type { Redis } from '../redis/redis.ts';
import { ASIDE, OUTBOX } from './keys.ts';
import { isMessageMeta, type MessageMeta } from './message.ts';

/** An event that waits for RabbitMQ. */
export interface OutboxEntry {
  /** Its place in the stream. */
  id: string;
  /** Its place among all events of the producer; differs from the id once it was set aside. */
  sequence: string;
  meta: MessageMeta;
  body: string;
  /** Empty where the order does not matter. */
  key: string;
}

/** Events on their way, or those that nobody consumed. */
export type OutboxStream = typeof OUTBOX | typeof ASIDE;

/** What the relay does with the outbox. Changes only while it holds the lease. */
export interface Outbox {
  /** @param after place of the last one that was read; the oldest when not given */
  read(stream: OutboxStream, count: number, after?: string): Promise<OutboxEntry[]>;
  /** Resolves when there is something in the outbox, or after about a second. Blocks the connection meanwhile. */
  waitForMore(): Promise<void>;
  /** @throws LeaseLost */
  remove(stream: OutboxStream, ids: readonly string[], lease: Lease): Promise<void>;
  /** Moves an entry of the outbox to those that nobody consumed. @throws LeaseLost */
  setAside(id: string, lease: Lease): Promise<void>;
  /** Forgets what was set aside more than a day ago; resolves with how many that were. */
  forgetOld(): Promise<number>;
}

const BLOCK_MS = 1_000;
const KEEP_ASIDE_MS = 24 * 60 * 60 * 1000;
const MOST_ASIDE = 10_000;

/** KEYS: stream. ARGV: ids. */
const REMOVE = "return redis.call('XDEL', KEYS[1], unpack(ARGV))";

/** KEYS: outbox, aside. ARGV: id, most. */
const SET_ASIDE = `
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if found then
  redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[2], '*', 'sequence', ARGV[1], unpack(found[2]))
  redis.call('XDEL', KEYS[1], ARGV[1])
end
return 0
`;

export function createOutbox(redis: Redis): Outbox {
  return {
    async read(stream, count, after) {
      const found = await redis.xrange(stream, after === undefined ? '-' : `(${after}`, '+', 'COUNT', count);
      return found.map(([id, fields]) => entryOf(id, fields));
    },
    async waitForMore() {
      await redis.xread('COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', OUTBOX, '0');
    },
    async remove(stream, ids, lease) {
      if (ids.length > 0) await lease.write(REMOVE, [stream], ids);
    },
    async setAside(id, lease) {
      await lease.write(SET_ASIDE, [OUTBOX, ASIDE], [id, MOST_ASIDE]);
    },
    async forgetOld() {
      return redis.xtrim(ASIDE, 'MINID', Date.now() - KEEP_ASIDE_MS);
    },
  };
}

export interface OutboxSize {
  depth: number;
  /** Age of the oldest event; 0 when there is none. */
  oldestMs: number;
  aside: number;
}

export async function readOutboxSize(redis: Redis): Promise<OutboxSize> {
  const [depth, aside, [oldest]] = await Promise.all([
    redis.xlen(OUTBOX),
    redis.xlen(ASIDE),
    redis.xrange(OUTBOX, '-', '+', 'COUNT', 1),
  ]);
  const since = oldest === undefined ? Date.now() : Number.parseInt(oldest[0], 10);
  return { depth, aside, oldestMs: Math.max(0, Date.now() - since) };
}

/** The fields stand in the order in which they are written. */
function entryOf(id: string, fields: readonly string[]): OutboxEntry {
  const [sequence, ours] = fields[0] === 'sequence' ? [fields[1] ?? id, fields.slice(2)] : [id, fields];
  const [, written = '', , body = '', , key = ''] = ours;
  const meta: unknown = JSON.parse(written);
  if (!isMessageMeta(meta)) throw new Error(`the outbox has an entry ${id} that is no event`);
  return { id, sequence, meta, body, key };
}
