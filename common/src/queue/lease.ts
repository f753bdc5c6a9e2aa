import { randomUUID } from 'node:crypto';
import type { Redis } from '../redis/redis.ts';

/** Something that one instance of a service does at a time. */
export interface Lease {
  /** Who holds it, if we do: what is done under the lease proves by it that the lease is still ours. */
  readonly token: string;
  /** Takes or renews it. False when another one has it. */
  hold(): Promise<boolean>;
  release(): Promise<void>;
}

/** KEYS: lease. ARGV: token, ms. */
const HOLD = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/** KEYS: lease. ARGV: token. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

/** @param ttlMs after this long without renewal another one may take it */
export function createLease(redis: Redis, key: string, ttlMs: number): Lease {
  const token = randomUUID();
  return {
    token,
    async hold() {
      return (await redis.eval(HOLD, 1, key, token, ttlMs)) === 1;
    },
    async release() {
      await redis.eval(RELEASE, 1, key, token);
    },
  };
}
