/**
 * What happens to sessions in one step inside Redis. A session is the hash `session:<id>`; `sessions-of:<user>` lists
 * the ids by the ms at which they end, so that sessions that ended by themselves can be dropped from it.
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS: the session, the list. ARGV: id, digest of its first token, idle seconds, most sessions, then fields. Where there
 * are too many, those go that would end first.
 */
export const OPEN = `
${NOW}
redis.call('HSET', KEYS[1], 'current', ARGV[2], 'idle', ARGV[3], 'openedAt', now, 'usedAt', now, unpack(ARGV, 5))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], now + ARGV[3] * 1000, ARGV[1])
local ids = redis.call('ZRANGE', KEYS[2], 0, -1 - ARGV[4])
for _, id in ipairs(ids) do
  redis.call('DEL', 'session:' .. id)
  redis.call('ZREM', KEYS[2], id)
end
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
`;

/**
 * KEYS: the session. ARGV: id, digest of the token that came, digest of the next one, its nonce, grace ms.
 * Replies { "rotated" or "repeated", user, guest's name, nonce } | { "reused" } | { "unknown" }.
 */
export const ROTATE = `
local session = redis.call('HMGET', KEYS[1], 'current', 'previous', 'nonce', 'usedAt', 'user', 'guest', 'idle')
if not session[1] then return {'unknown'} end
${NOW}
local user, guest, idle = session[5], session[6] or '', session[7]
local list = 'sessions-of:' .. user
if session[1] == ARGV[2] then
  redis.call('HSET', KEYS[1], 'current', ARGV[3], 'previous', ARGV[2], 'nonce', ARGV[4], 'usedAt', now)
  redis.call('EXPIRE', KEYS[1], idle)
  redis.call('ZADD', list, now + idle * 1000, ARGV[1])
  redis.call('EXPIRE', list, idle)
  return {'rotated', user, guest, ARGV[4]}
end
if session[2] == ARGV[2] and now - session[4] <= tonumber(ARGV[5]) then
  return {'repeated', user, guest, session[3]}
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', list, ARGV[1])
return {'reused'}
`;

/** KEYS: the session. ARGV: id, the user that it must be of; empty for any. */
export const CLOSE = `
local user = redis.call('HGET', KEYS[1], 'user')
if not user or (ARGV[2] ~= '' and ARGV[2] ~= user) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', 'sessions-of:' .. user, ARGV[1])
return 1
`;

/** KEYS: the list. ARGV: id of the session that stays, or empty. */
export const CLOSE_ALL = `
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if id ~= ARGV[1] then
    redis.call('DEL', 'session:' .. id)
    redis.call('ZREM', KEYS[1], id)
  end
end
return 1
`;

/** KEYS: the list. Replies { id, opened, used, agent } of each that is open, the one that was opened last first. */
export const LIST = `
local found = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local session = redis.call('HMGET', 'session:' .. id, 'openedAt', 'usedAt', 'agent')
  if session[1] then table.insert(found, {id, session[1], session[2], session[3] or ''}) end
end
table.sort(found, function(one, other) return tonumber(one[2]) > tonumber(other[2]) end)
return found
`;
