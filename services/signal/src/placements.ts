import { type Instance, type Redis, runScript } from '@tandem/common';
import { TELL } from './scripts.ts';

/** Which media server a room is on. */
export interface Placement {
  /** Larger than that of every placement before it (a fencing token, docs/decisions/0017-leases.md). */
  number: number;
  /** Id in Consul, and where it listens. */
  instance: string;
  host: string;
  port: number;
}

/** A room that nobody is in any more is forgotten after this, in ms; whoever is in it says so all the time. */
const LASTS_MS = 10 * 60_000;

/**
 * Places a room unless somebody else has done so meanwhile, and tells the room.
 *
 * KEYS: placement, last number, events. ARGV: number of the placement that is given up or '', instance, host, port, ms,
 * room. @returns what holds now
 */
const PLACE = `
${TELL}
local known = redis.call('HMGET', KEYS[1], 'number', 'instance', 'host', 'port')
if known[1] and known[1] ~= ARGV[1] then return known end
local time = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2]) or 0)
local number = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('SET', KEYS[2], number)
redis.call('HSET', KEYS[1], 'number', number, 'instance', ARGV[2], 'host', ARGV[3], 'port', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
tell(KEYS[3], ARGV[6], '{"type":"moved","placement":' .. number .. '}')
return {number, ARGV[2], ARGV[3], ARGV[4]}
`;

/** Which room is on which media server: leases with numbers in Redis, so that all people of a room meet. */
export class Placements {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async find(room: string): Promise<Placement | null> {
    return placementOf(await this.#redis.hmget(placementKey(room), 'number', 'instance', 'host', 'port'));
  }

  /** @param givenUp number of the one that leads nowhere; @returns what holds now, which somebody else may have written */
  async place(room: string, { id, host, port }: Instance, givenUp: number | null): Promise<Placement> {
    const placed = await runScript(
      this.#redis,
      PLACE,
      [placementKey(room), 'media:number', `room:${room}:events`],
      [givenUp ?? '', id, host, port, LASTS_MS, room],
    );
    const placement = Array.isArray(placed) ? placementOf(placed) : null;
    if (placement === null) throw new Error('a room that was placed has no placement');
    return placement;
  }

  /** Somebody is still there. */
  async renew(room: string): Promise<void> {
    await this.#redis.pexpire(placementKey(room), LASTS_MS);
  }
}

function placementOf([number, instance, host, port]: readonly unknown[]): Placement | null {
  if (typeof number !== 'string') return null;
  return { number: Number(number), instance: String(instance), host: String(host), port: Number(port) };
}

const placementKey = (room: string) => `room:${room}:placement`;
