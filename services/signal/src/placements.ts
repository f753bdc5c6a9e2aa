import { type Instance, isObject, type Redis, runScript } from '@tandem/common';
import { TELL } from './scripts.ts';

/** A media server that a room is on. */
export interface Placement {
  /** Larger than that of every placement before it (a fencing token, docs/decisions/0017-leases.md). */
  number: number;
  /** Id in Consul, and where it listens. */
  instance: string;
  host: string;
  port: number;
}

/** All media servers that a room is on. */
export interface Places {
  home: Placement;
  /** The latest last. */
  branches: readonly Placement[];
  /** Grows with every change of these. */
  version: number;
  /** Number of the last change of the branches; empty where there was none. */
  latest: string;
}

/** A room that nobody is in any more is forgotten after this, in ms; whoever is in it says so all the time. */
const LASTS_MS = 10 * 60_000;

/** `nextNumber(key)`: larger than all before it. */
const NEXT_NUMBER = `
local function nextNumber(key)
  local time = redis.call('TIME')
  local last = tonumber(redis.call('GET', key) or 0)
  local number = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
  redis.call('SET', key, number)
  return number
end
`;

/**
 * Gives a room its home unless somebody else has done so meanwhile, and tells the room. A branch that becomes the home keeps its
 * number, so that those who are there stay.
 *
 * KEYS: placement, last number, events, branches. ARGV: number of the placement that is given up or '', instance, host, port,
 * ms, room
 */
const PLACE = `
${TELL}
${NEXT_NUMBER}
local known = redis.call('HMGET', KEYS[1], 'number', 'instance')
if known[1] and known[1] ~= ARGV[1] then return 0 end
local number = nextNumber(KEYS[2])
local home = number
local branch = redis.call('HGET', KEYS[4], ARGV[2])
if branch then
  home = cjson.decode(branch).number
  redis.call('HDEL', KEYS[4], ARGV[2])
  redis.call('HSET', KEYS[4], 'latest', number)
end
redis.call('HSET', KEYS[1], 'number', home, 'instance', ARGV[2], 'host', ARGV[3], 'port', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
local from = known[2] and (',"from":' .. cjson.encode(known[2])) or ''
tell(KEYS[3], ARGV[6], '{"type":"moved","placement":' .. number .. from .. '}')
return 1
`;

/**
 * Gives a room another server beside those that it has, unless these have changed meanwhile.
 *
 * KEYS: placement, last number, branches. ARGV: number of the home, last number of the branches or '', instance, host, port, ms
 */
const BRANCH = `
${NEXT_NUMBER}
if redis.call('HGET', KEYS[1], 'number') ~= ARGV[1] then return 0 end
if (redis.call('HGET', KEYS[3], 'latest') or '') ~= ARGV[2] then return 0 end
local number = nextNumber(KEYS[2])
redis.call('HSET', KEYS[3], 'latest', number, ARGV[3], cjson.encode({number = number, host = ARGV[4], port = ARGV[5]}))
redis.call('PEXPIRE', KEYS[3], ARGV[6])
return 1
`;

/** Takes a branch away, and tells its people. KEYS: last number, branches, events. ARGV: instance, room */
const PRUNE = `
${TELL}
${NEXT_NUMBER}
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then return 0 end
local number = nextNumber(KEYS[1])
redis.call('HSET', KEYS[2], 'latest', number)
tell(KEYS[3], ARGV[2], '{"type":"moved","placement":' .. number .. ',"from":' .. cjson.encode(ARGV[1]) .. '}')
return 1
`;

const LAST_NUMBER = 'media:number';

/** Which room is on which media servers: leases with numbers in Redis, so that all people of a room meet. */
export class Placements {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Null where the room has no place yet. */
  async find(room: string): Promise<Places | null> {
    const [placement, others] = await Promise.all([
      this.#redis.hmget(placementKey(room), 'number', 'instance', 'host', 'port'),
      this.#redis.hgetall(branchesKey(room)),
    ]);
    const [number, instance, host, port] = placement;
    if (typeof number !== 'string') return null;
    const home = {
      ...{ number: Number(number), instance: String(instance) },
      ...{ host: String(host), port: Number(port) },
    };
    const { latest = '', ...branches } = others;
    return {
      home,
      branches: Object.entries(branches)
        .flatMap(([id, text]) => branchOf(id, text))
        .toSorted((a, b) => a.number - b.number),
      version: Math.max(home.number, Number(latest)),
      latest,
    };
  }

  /** @param givenUp number of the home that leads nowhere. Somebody else may have been faster. */
  async place(room: string, { id, host, port }: Instance, givenUp: number | null): Promise<void> {
    const keys = [placementKey(room), LAST_NUMBER, eventsKey(room), branchesKey(room)];
    await runScript(this.#redis, PLACE, keys, [givenUp ?? '', id, host, port, LASTS_MS, room]);
  }

  /** Puts the room on one server more. Somebody else may have been faster. */
  async branch(room: string, { home, latest }: Places, { id, host, port }: Instance): Promise<void> {
    const keys = [placementKey(room), LAST_NUMBER, branchesKey(room)];
    await runScript(this.#redis, BRANCH, keys, [home.number, latest, id, host, port, LASTS_MS]);
  }

  /** Takes the room from one of its branches, whose people go to the others. */
  async prune(room: string, instance: string): Promise<void> {
    await runScript(this.#redis, PRUNE, [LAST_NUMBER, branchesKey(room), eventsKey(room)], [instance, room]);
  }

  /** Somebody is still there. */
  async renew(room: string): Promise<void> {
    await Promise.all(
      [placementKey(room), branchesKey(room)].map((key) => this.#redis.pexpire(key, LASTS_MS)),
    );
  }
}

function branchOf(instance: string, text: string): Placement[] {
  const branch: unknown = JSON.parse(text);
  if (!isObject(branch)) return [];
  const { number, host, port } = branch;
  return [{ instance, number: Number(number), host: String(host), port: Number(port) }];
}

const placementKey = (room: string) => `room:${room}:placement`;
const branchesKey = (room: string) => `room:${room}:branches`;
const eventsKey = (room: string) => `room:${room}:events`;
