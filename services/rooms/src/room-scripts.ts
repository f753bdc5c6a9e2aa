/** What happens to a room in one step inside Redis. */

/** Defines `refusal(needed)`: why the user in ARGV[1] may not do what needs an `owner` or a `moderator`; else false. */
const REFUSAL = `
local room = redis.call('HMGET', KEYS[1], 'ownerId', 'closedAt', 'version')
local function refusal(needed)
  if not room[1] then return 'missing' end
  if room[2] and room[2] ~= '' then return 'closed' end
  if room[1] == ARGV[1] then return false end
  if needed == 'owner' then return 'not owner' end
  return redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 and 'not moderator'
end
`;

/**
 * KEYS: room, list of the owner, its counter, rooms that the owner has, upcoming ones.
 * ARGV: most rooms, id, ms of the start or '', fields.
 * The counter gives every room of a list a place of its own, also rooms of the same millisecond.
 */
export const CREATE = `
if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[1]) then return 'too many' end
redis.call('HSET', KEYS[1], 'version', 1, unpack(ARGV, 4))
redis.call('SADD', KEYS[4], ARGV[2])
redis.call('ZADD', KEYS[2], redis.call('INCR', KEYS[3]), ARGV[2])
if ARGV[3] ~= '' then redis.call('ZADD', KEYS[5], ARGV[3], ARGV[2]) end
publish()
return 'done'
`;

/**
 * KEYS: room, moderators, invited. ARGV: user, version or '', id, ms of the start, '' for none, 'same' for no change;
 * fields.
 */
export const UPDATE = `
${REFUSAL}
local why = refusal('moderator')
if why then return why end
if ARGV[2] ~= '' and ARGV[2] ~= (room[3] or '1') then return 'stale' end
redis.call('HSET', KEYS[1], 'version', (room[3] or 1) + 1)
if #ARGV > 4 then redis.call('HSET', KEYS[1], unpack(ARGV, 5)) end
if ARGV[4] ~= 'same' then
  local people = {room[1]}
  for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
    local user = string.match(field, '^user:(.*)$')
    if user then table.insert(people, user) end
  end
  for _, user in ipairs(people) do
    local upcoming = 'upcoming-of:' .. user
    if ARGV[4] == '' then redis.call('ZREM', upcoming, ARGV[3]) else redis.call('ZADD', upcoming, ARGV[4], ARGV[3]) end
  end
end
publish()
return 'done'
`;

/** KEYS: room, moderators, invited, and all others that belong to the room. ARGV: user, id, time, seconds to keep it. */
export const CLOSE = `
${REFUSAL}
local why = refusal('owner')
if why then return why end
local people = {room[1]}
for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
  local user = string.match(field, '^user:(.*)$')
  if user then table.insert(people, user) end
end
for _, user in ipairs(people) do
  redis.call('ZREM', 'rooms-of:' .. user, ARGV[2])
  redis.call('ZREM', 'upcoming-of:' .. user, ARGV[2])
end
redis.call('SREM', 'owned-by:' .. room[1], ARGV[2])
redis.call('HSET', KEYS[1], 'closedAt', ARGV[3], 'version', (room[3] or 1) + 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('DEL', unpack(KEYS, 2))
publish()
return 'done'
`;

/** KEYS: room, moderators. ARGV: user, who becomes one, most. */
export const ADD_MODERATOR = `
${REFUSAL}
local why = refusal('owner')
if why then return why end
if redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[3]) and redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 0 then
  return 'too many'
end
redis.call('SADD', KEYS[2], ARGV[2])
return 'done'
`;

/** KEYS: room, moderators. ARGV: user, who is one no longer. */
export const REMOVE_MODERATOR = `
${REFUSAL}
local why = refusal('owner')
if why then return why end
redis.call('SREM', KEYS[2], ARGV[2])
return 'done'
`;

/**
 * KEYS: room, moderators, invitations, invited. ARGV: user, room's id, `user:<id>` or `mail:<address>`, id of the
 * invitation, the invitation as JSON, digest of the code or '', most. Replies { outcome, id of the invitation }.
 */
export const INVITE = `
${REFUSAL}
local why = refusal('moderator')
if why then return {why} end
local known = redis.call('HGET', KEYS[4], ARGV[3])
if known then return {'known', known} end
if redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[7]) then return {'too many'} end
redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[4], 'code:' .. ARGV[6], ARGV[4]) end
local user = string.match(ARGV[3], '^user:(.*)$')
if user and user ~= room[1] then
  redis.call('ZADD', 'rooms-of:' .. user, redis.call('INCR', 'rooms-of:' .. user .. ':counter'), ARGV[2])
  local start = redis.call('HGET', KEYS[1], 'startsMs')
  if start and start ~= '' then redis.call('ZADD', 'upcoming-of:' .. user, start, ARGV[2]) end
end
publish()
return {'done', ARGV[4]}
`;

/** KEYS: room, moderators, invitations, invited. ARGV: user, room's id, id of the invitation. */
export const UNINVITE = `
${REFUSAL}
local why = refusal('moderator')
if why then return why end
if redis.call('HDEL', KEYS[3], ARGV[3]) == 0 then return 'done' end
local invited = redis.call('HGETALL', KEYS[4])
for at = 1, #invited, 2 do
  if invited[at + 1] == ARGV[3] then
    redis.call('HDEL', KEYS[4], invited[at])
    local user = string.match(invited[at], '^user:(.*)$')
    if user and user ~= room[1] then
      redis.call('ZREM', 'rooms-of:' .. user, ARGV[2])
      redis.call('ZREM', 'upcoming-of:' .. user, ARGV[2])
    end
  end
end
publish()
return 'done'
`;

/** KEYS: room, moderators, admitted, refused, lobby, names. ARGV: user, whom, 'admit' or 'refuse', seconds to keep it. */
export const DECIDE = `
${REFUSAL}
local why = refusal('moderator')
if why then return why end
local into, out = KEYS[3], KEYS[4]
if ARGV[3] == 'refuse' then into, out = KEYS[4], KEYS[3] end
redis.call('SREM', out, ARGV[2])
redis.call('SADD', into, ARGV[2])
redis.call('EXPIRE', into, ARGV[4])
redis.call('ZREM', KEYS[5], ARGV[2])
redis.call('HDEL', KEYS[6], ARGV[2])
return 'done'
`;

/** KEYS: room, lobby, names. ARGV: who waits, the name, most, ms after which somebody has left, seconds to keep it. */
export const WAIT = `
local closed = redis.call('HGET', KEYS[1], 'closedAt')
if closed and closed ~= '' then return 'closed' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[4])) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('HDEL', KEYS[3], gone)
end
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return 'too many'
end
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[5])
return 'done'
`;

/** KEYS: lobby, names. ARGV: ms after which somebody has left. Replies { user, name } of each, in the order of coming. */
export const LIST_LOBBY = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
for _, user in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], '+inf')) do
  table.insert(found, {user, redis.call('HGET', KEYS[2], user) or ''})
end
return found
`;
