/**
 * What happens to a room in one step inside Redis. Every change is written together with the event that tells of it, so that
 * whoever reads the state and then the events misses nothing.
 */

/** `tell(stream, room, event)`: adds an event and wakes the instances. About a thousand events are kept. */
export const TELL = `
local function tell(stream, room, event)
  local id = redis.call('XADD', stream, 'MAXLEN', '~', 1000, '*', 'event', event)
  redis.call('PUBLISH', 'rooms', room)
  return id
end
`;

/**
 * KEYS: session, people, events. ARGV: room, id, ms until it is forgotten, most people, participant, event, fields of the
 * session. @returns id of the event; false where the room is full
 */
export const ENTER = `
${TELL}
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then return false end
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[5])
redis.call('PERSIST', KEYS[3])
return tell(KEYS[3], ARGV[1], ARGV[6])
`;

/**
 * KEYS: session, people, events. ARGV: room, id, what is another one of the participant as JSON, fields of the session.
 * @returns false where the session has ended
 */
export const CHANGE = `
${TELL}
local text = redis.call('HGET', KEYS[2], ARGV[2])
if not text or redis.call('EXISTS', KEYS[1]) == 0 then return false end
if #ARGV > 3 then redis.call('HSET', KEYS[1], unpack(ARGV, 4)) end
local participant = cjson.decode(text)
for name, value in pairs(cjson.decode(ARGV[3])) do participant[name] = value end
local changed = cjson.encode(participant)
redis.call('HSET', KEYS[2], ARGV[2], changed)
tell(KEYS[3], ARGV[1], '{"type":"changed","participant":' .. changed .. '}')
return 1
`;

/** KEYS: people, events. ARGV: room, id, event. Tells about somebody who is there. @returns false where they are not */
export const TELL_OF = `
${TELL}
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 0 then return false end
tell(KEYS[2], ARGV[1], ARGV[3])
return 1
`;

/** KEYS: session, people, events. ARGV: room, id, event, seconds that the events of an empty room are kept. */
export const LEAVE = `
${TELL}
redis.call('DEL', KEYS[1])
if redis.call('HDEL', KEYS[2], ARGV[2]) == 0 then return false end
tell(KEYS[3], ARGV[1], ARGV[3])
if redis.call('HLEN', KEYS[2]) == 0 then redis.call('EXPIRE', KEYS[3], ARGV[4]) end
return 1
`;

/**
 * KEYS: people, events. ARGV: room, seconds that the events of an empty room are kept, what stands before and behind the id in
 * the event. Whoever has no session any more has left.
 */
export const SWEEP = `
${TELL}
local lost = 0
for _, id in ipairs(redis.call('HKEYS', KEYS[1])) do
  if redis.call('EXISTS', 'session:' .. id) == 0 then
    redis.call('HDEL', KEYS[1], id)
    tell(KEYS[2], ARGV[1], ARGV[3] .. id .. ARGV[4])
    lost = lost + 1
  end
end
if lost > 0 and redis.call('HLEN', KEYS[1]) == 0 then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return lost
`;

/** KEYS: session. ARGV: ms until it is forgotten, number of the connection. @returns false where another one has it */
export const RENEW = `
if redis.call('HGET', KEYS[1], 'connection') ~= ARGV[2] then return false end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`;

/** KEYS: session. ARGV: ms until it is forgotten. Another connection takes it. @returns its number, or false */
export const TAKE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'connection', 1)
`;
