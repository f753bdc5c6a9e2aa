import type { Redis } from './redis.ts';
import { runScript } from './run-script.ts';

/** The right to do something that one instance of a service does at a time, while it is held. */
export interface Lease {
  /**
   * Larger than that of any lease that was held before under this key (a fencing token). What is done under the lease
   * elsewhere says it along, so that whoever was too slow to notice the end of a lease is refused there.
   */
  readonly token: number;
  /** On the clock of `performance.now()`: from then on another instance may hold it, unless it is renewed. */
  readonly heldUntil: number;
  /** False when it has ended, and another one may hold it. @throws UnavailableError */
  renew(): Promise<boolean>;
  /** Executes a script in the service's Redis if the lease is still held. @throws LeaseLost; UnavailableError */
  write(
    script: string,
    keys: readonly string[],
    args?: readonly (string | number | Buffer)[],
  ): Promise<unknown>;
  /** Leaves it to others; nothing happens when it has ended already. @throws UnavailableError */
  release(): Promise<void>;
}

/** The lease has ended: nothing was written, and another instance may hold it. */
export class LeaseLost extends Error {
  constructor(key: string) {
    super(`the lease ${key} has ended`);
    this.name = 'LeaseLost';
  }
}

/**
 * A token is the time in µs, or one more than the last where that is not enough: it grows even when a crash of Redis took
 * the last one with it.
 *
 * KEYS: lease, last token. ARGV: ms. Reply: the token; null when another one holds it.
 */
const ACQUIRE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local time = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2]) or 0)
local token = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
return token
`;

/** KEYS: lease. ARGV: token, ms. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/** KEYS: lease. ARGV: token. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

/** KEYS: lease, then the script's own. ARGV: token, then the script's own. */
const guarded = (script: string) => `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'lost'} end
table.remove(KEYS, 1)
table.remove(ARGV, 1)
local function write()
${script}
end
local result = write()
if type(result) == 'table' and result.err then return result end
return {'written', result}
`;

/**
 * Takes a lease in the service's Redis.
 *
 * @param ttlMs after this long without renewal another instance may take it
 * @returns null while another one holds it
 * @throws UnavailableError; whether it was taken is not known then, and it ends by itself
 */
export async function acquireLease(redis: Redis, key: string, ttlMs: number): Promise<Lease | null> {
  const asked = performance.now();
  const taken = await runScript(redis, ACQUIRE, [key, `${key}:token`], [ttlMs]);
  if (typeof taken !== 'string') return null;
  let heldUntil = asked + ttlMs;
  return {
    token: Number(taken),
    get heldUntil() {
      return heldUntil;
    },
    async renew() {
      const before = performance.now();
      const held = (await runScript(redis, RENEW, [key], [taken, ttlMs])) === 1;
      heldUntil = held ? before + ttlMs : before;
      return held;
    },
    async write(script, keys, args = []) {
      const reply = await runScript(redis, guarded(script), [key, ...keys], [taken, ...args]);
      const [state, result]: unknown[] = Array.isArray(reply) ? reply : [];
      if (state !== 'written') throw new LeaseLost(key);
      return result ?? null;
    },
    async release() {
      heldUntil = performance.now();
      await runScript(redis, RELEASE, [key], [taken]);
    },
  };
}
