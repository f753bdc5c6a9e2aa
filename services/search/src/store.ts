import type { Change, Redis } from '@tandem/common';
import type { Entry } from './index/segment.ts';

/** Stream of the ids of entries that changed: how every instance learns what one of them was told. */
export const CHANGES = 'changes';

/** An instance that was away for longer than so many changes reads everything again. */
const KEPT_CHANGES = 100_000;

/** Before all sequences. */
const FIRST = '0-0';

/** Entries read at once while all of them are read. */
const AT_ONCE = 1_000;

const NEWER = `
local function newer(one, other)
  if not other then return true end
  local ms, count = string.match(one, '(%d+)-(%d+)$')
  local otherMs, otherCount = string.match(other, '(%d+)-(%d+)$')
  if ms ~= otherMs then return tonumber(ms) > tonumber(otherMs) end
  return tonumber(count) > tonumber(otherCount)
end
`;

/**
 * KEYS: entry, changes. ARGV: id, sequence, text, '1' when everybody may find it, then users who may.
 * A text that is older than the one here, or of an entry that has gone, is dropped.
 */
const SET_TEXT = `${NEWER}
if redis.call('HEXISTS', KEYS[1], 'gone') == 1 then return 'gone' end
for i = 5, #ARGV do redis.call('HSETNX', KEYS[1], 'user:' .. ARGV[i], '+${FIRST}') end
if newer(ARGV[2], redis.call('HGET', KEYS[1], 'sequence')) then
  redis.call('HSET', KEYS[1], 'sequence', ARGV[2], 'text', ARGV[3], 'everybody', ARGV[4])
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${KEPT_CHANGES}, '*', 'id', ARGV[1])
return 'changed'
`;

/** KEYS: entry, changes. ARGV: id, sequence, user, '+' or '-'. The text may still be on its way. */
const SET_MEMBER = `${NEWER}
if redis.call('HEXISTS', KEYS[1], 'gone') == 1 then return 'gone' end
if not newer(ARGV[2], redis.call('HGET', KEYS[1], 'user:' .. ARGV[3])) then return 'older' end
redis.call('HSET', KEYS[1], 'user:' .. ARGV[3], ARGV[4] .. ARGV[2])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${KEPT_CHANGES}, '*', 'id', ARGV[1])
return 'changed'
`;

/** KEYS: entry, changes. ARGV: id. What remains keeps a late message from bringing the entry back. */
const REMOVE = `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'gone', '1')
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${KEPT_CHANGES}, '*', 'id', ARGV[1])
return 'changed'
`;

/** What a message says an entry is called. */
export interface Named {
  id: string;
  text: string;
  /** Of the message. A text without one gives way to any other. */
  sequence?: string;
  everybody: boolean;
  users?: readonly string[];
}

export function setText(change: Change, { id, text, sequence = FIRST, everybody, users = [] }: Named) {
  return change({
    script: SET_TEXT,
    keys: [entryKey(id), CHANGES],
    args: [id, sequence, text, everybody ? '1' : '', ...users],
  });
}

export interface Member {
  id: string;
  user: string;
  /** From now on the user may find the entry, or may not. */
  may: boolean;
  sequence: string;
}

export function setMember(change: Change, { id, user, may, sequence }: Member) {
  return change({
    script: SET_MEMBER,
    keys: [entryKey(id), CHANGES],
    args: [id, sequence, user, may ? '+' : '-'],
  });
}

/** Nobody finds the entry any more, whatever else is said of it. */
export function remove(change: Change, id: string) {
  return change({ script: REMOVE, keys: [entryKey(id), CHANGES], args: [id] });
}

/** Null when it has gone, or when only its audience is known so far. */
export async function readEntry(redis: Redis, id: string): Promise<Entry | null> {
  return entryFrom(id, await redis.hgetall(entryKey(id)));
}

/** All entries, each once; one that changes meanwhile is there as before or as after. */
export async function* readEntries(redis: Redis): AsyncGenerator<Entry> {
  // SCAN may give a key twice when the table grows.
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${ENTRY}*`, 'COUNT', AT_ONCE);
    const ids = keys.map((key) => key.slice(ENTRY.length)).filter((id) => !seen.has(id));
    const entries = await Promise.all(ids.map((id) => readEntry(redis, id)));
    for (const entry of entries) if (entry !== null && !seen.has(entry.id)) yield entry;
    for (const id of ids) seen.add(id);
    cursor = next;
  } while (cursor !== '0');
}

function entryFrom(id: string, fields: Record<string, string>): Entry | null {
  const { text, everybody } = fields;
  if (text === undefined) return null;
  if (everybody === '1') return { id, text, audience: null };
  const users = Object.entries(fields).filter(
    ([field, value]) => field.startsWith(USER) && value.startsWith('+'),
  );
  return { id, text, audience: users.map(([field]) => field.slice(USER.length)) };
}

const ENTRY = 'entry:';
const USER = 'user:';
const entryKey = (id: string) => ENTRY + id;
