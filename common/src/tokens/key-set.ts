import { createPublicKey, type KeyObject } from 'node:crypto';
import { withoutRequestContext } from '../request-context.ts';
import { type Static, Type } from '../schema.ts';
import { UnavailableError } from '../unavailable.ts';

/** The public keys of an issuer of tokens. */
export interface KeySet {
  /** Changes when a key was added or taken away: what was verified with the former keys counts no more. */
  readonly version: number;
  find(kid: string): KeyObject | undefined;
  /**
   * Asks the issuer again, unless it was asked a moment ago.
   * @throws UnavailableError when there are no keys at all
   */
  refresh(): Promise<void>;
}

/** For a service without routes of its own: it believes no token, and does not wait for an issuer. */
export const noKeys = (): KeySet => ({ version: 0, find: () => undefined, refresh: async () => {} });

export const JwksSchema = Type.Object({
  keys: Type.Array(
    Type.Object({
      kty: Type.String(),
      kid: Type.String({ minLength: 1, maxLength: 128 }),
      alg: Type.Optional(Type.String()),
      use: Type.Optional(Type.String()),
      n: Type.String(),
      e: Type.String(),
    }),
    { maxItems: 32 },
  ),
});

export type Jwks = Static<typeof JwksSchema>;

/** A token with an unknown key id makes us ask the issuer, but not more often than this, whoever sends them. */
const SHORTEST_REFRESH_MS = 10_000;

/** While there are no keys at all, asking more often is right: nothing works without them. */
const SHORTEST_RETRY_MS = 500;

/** Keys that were taken away at the issuer are forgotten after this time. */
const LONGEST_AGE_MS = 300_000;

/**
 * Keys fetched from the issuer's JWKS when they are needed, kept while it is away, and asked for again when they are
 * old or when an unknown key id turns up. At most one question is on its way at a time.
 */
export function createRemoteKeySet(
  issuer: string,
  fetchJwks: () => Promise<Jwks>,
  now: () => number = Date.now,
): KeySet {
  let keys = new Map<string, KeyObject>();
  let version = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let failure: unknown;

  async function ask(): Promise<void> {
    askedAt = now();
    try {
      const fetched = readJwks(await fetchJwks());
      if (fetched.size === 0) throw new Error('the key set is empty');
      if (!sameKeys(fetched, keys)) {
        keys = fetched;
        version += 1;
      }
      failure = undefined;
    } catch (error) {
      failure = error;
    } finally {
      asking = null;
    }
  }

  async function refresh(): Promise<void> {
    const shortest = keys.size === 0 ? SHORTEST_RETRY_MS : SHORTEST_REFRESH_MS;
    if (now() - askedAt >= shortest) asking ??= withoutRequestContext(ask);
    await asking;
    if (keys.size === 0) throw new UnavailableError(issuer, 'its public keys are not known yet', failure);
  }

  return {
    get version() {
      return version;
    },
    find(kid) {
      // The answer need not wait: a key that is still there stays valid, one that is gone fails a moment later.
      if (keys.size > 0 && now() - askedAt > LONGEST_AGE_MS) asking ??= withoutRequestContext(ask);
      return keys.get(kid);
    },
    refresh,
  };
}

function readJwks(jwks: Jwks): Map<string, KeyObject> {
  const usable = jwks.keys.filter((key) => key.kty === 'RSA' && (key.alg ?? 'RS256') === 'RS256');
  return new Map(usable.map((key) => [key.kid, createPublicKey({ key: { ...key }, format: 'jwk' })]));
}

function sameKeys(one: Map<string, KeyObject>, other: Map<string, KeyObject>): boolean {
  return one.size === other.size && [...one.keys()].every((kid) => other.has(kid));
}
