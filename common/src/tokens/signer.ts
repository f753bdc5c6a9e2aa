import type { Redis } from '../redis/redis.ts';
import type { SigningKeys, SignOptions } from './signing-keys.ts';

/** Signs with the newest key that everybody can know by now. */
export interface Signer {
  /** @throws UnavailableError while Redis is away and it is not known which key signs */
  sign(claims: Record<string, unknown>, options: SignOptions): Promise<string>;
}

export interface SignerOptions {
  keys: SigningKeys;
  redis: Redis;
  /** How long a key must have been published before it signs, in ms. */
  publishedMs?: number;
  /** How long the choice is kept before Redis is asked again, in ms. */
  recheckMs?: number;
}

/** Longer than a verifier keeps a key set (5 min) and than a rolling restart takes until every instance has the key. */
const PUBLISHED_MS = 10 * 60_000;

const RECHECK_MS = 30_000;

/** A key that no instance has had for this long counts as new when it comes back. */
const FORGET_S = 7 * 24 * 60 * 60;

/**
 * KEYS: when each key was seen first, in the order of the secret. ARGV: ms that a key must have been published, seconds
 * after which an unused key is forgotten. Reply: place of the key that signs; the last one if none is old enough.
 */
const CHOOSE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local chosen
for place, key in ipairs(KEYS) do
  redis.call('SET', key, now, 'NX')
  redis.call('EXPIRE', key, ARGV[2])
  if not chosen and now - redis.call('GET', key) >= tonumber(ARGV[1]) then chosen = place end
end
return chosen or #KEYS
`;

/**
 * Rotates keys without a moment in which a token is refused. The new key is put in front of the secret; the instances
 * that were restarted with it publish it at once, but sign with the old one until the new one has been published for
 * `publishedMs`. When that is, the service's Redis knows, so that all instances agree.
 */
export function createSigner({
  keys,
  redis,
  publishedMs = PUBLISHED_MS,
  recheckMs = RECHECK_MS,
}: SignerOptions): Signer {
  const names = keys.jwks().keys.map(({ kid }) => `signing-key:${kid}`);
  let chosen = 0;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function choose(): Promise<number> {
    if (performance.now() - askedAt < recheckMs) return chosen;
    const place = Number(await redis.eval(CHOOSE, names.length, ...names, publishedMs, FORGET_S));
    chosen = place - 1;
    askedAt = performance.now();
    return chosen;
  }

  return {
    sign: async (claims, options) => keys.sign(claims, options, await choose()),
  };
}
