/**
 * KEYS: messages, what was sent under this id, whether the room is closed. ARGV: room, message, most messages, seconds that an
 * id is known, seconds that a room is kept after its last message. @returns { place of the message, 1 if it is new }, or
 * false where the room is closed
 */
export const POST = `
if redis.call('EXISTS', KEYS[3]) == 1 then return false end
local known = redis.call('GET', KEYS[2])
if known then return {known, 0} end
local cursor = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'message', ARGV[2])
redis.call('SET', KEYS[2], cursor, 'EX', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', 'messages', ARGV[1])
return {cursor, 1}
`;

/** KEYS: marks. ARGV: user, place, seconds that they are kept. A mark never goes back. */
export const MARK = `
local function parts(cursor) return string.match(cursor, '^(%d+)-(%d+)$') end
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local knownTime, knownCount = parts(known)
  local time, count = parts(ARGV[2])
  if tonumber(time) < tonumber(knownTime) then return 0 end
  if tonumber(time) == tonumber(knownTime) and tonumber(count) <= tonumber(knownCount) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`;

/** KEYS: messages, marks, whether the room is closed. ARGV: seconds in which grants for the room end. */
export const CLOSE = `
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('SET', KEYS[3], '1', 'EX', ARGV[1])
return 1
`;
