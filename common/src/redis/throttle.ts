import { createHash } from 'node:crypto';
import { tooManyRequests } from '../http/problems.ts';
import type { Redis } from './redis.ts';

/** At most `limit` failures of one subject within `windowS` seconds. */
export interface ThrottleRule {
  name: string;
  limit: number;
  windowS: number;
}

/** An attempt that was counted already, before its outcome is known: parallel attempts cannot slip through. */
export interface Attempt {
  /** It succeeded, so it does not count. */
  forgive(): Promise<void>;
}

/**
 * Counts against every rule, or against none if one of them is exhausted.
 * KEYS: counters. ARGV: limit and window of each. Reply: 0, or the ms until the exhausted counter starts anew.
 */
const TAKE = `
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) >= tonumber(ARGV[2 * i - 1]) then
    return math.max(redis.call('PTTL', key), 1)
  end
end
for i, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[2 * i]) end
end
return 0
`;

/** KEYS: counters. A counter that has ended meanwhile must not start again below zero. */
const FORGIVE = `
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) > 0 then redis.call('DECR', key) end
end
return 0
`;

/**
 * Counts an attempt against each rule's subject, which may be anything that names who tries or what is tried; it is
 * stored as a digest only.
 *
 * @throws Problem too-many-requests with Retry-After; UnavailableError
 */
export async function takeAttempt(
  redis: Redis,
  counted: readonly [ThrottleRule, string][],
): Promise<Attempt> {
  const keys = counted.map(([rule, subject]) => `throttle:${rule.name}:${digest(subject)}`);
  const limits = counted.flatMap(([rule]) => [rule.limit, rule.windowS]);
  const waitMs = Number(await redis.eval(TAKE, keys.length, ...keys, ...limits));
  if (waitMs > 0)
    throw tooManyRequests(undefined, { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } });
  return {
    async forgive() {
      await redis.eval(FORGIVE, keys.length, ...keys);
    },
  };
}

/**
 * Whom an address stands for when attempts are counted: a home or a phone has 2^64 IPv6 addresses of one /64 network,
 * and changing among them must not help.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - start.length - end.length)).fill('0');
  return [...start, ...zeros, ...end]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

function digest(subject: string): string {
  return createHash('sha256').update(subject).digest('base64url').slice(0, 22);
}
