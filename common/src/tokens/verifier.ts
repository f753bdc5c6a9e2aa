import jwt from 'jsonwebtoken';
import { expiredToken, invalidToken } from '../http/problems.ts';
import type { KeySet } from './key-set.ts';
import { createTokenCache } from './token-cache.ts';

export interface VerifierOptions {
  keys: KeySet;
  issuer: string;
  audience: string;
  /** The only `typ` that is accepted, so that a grant is no access token and the other way round. */
  type: string;
}

/** What a token says whose signature, issuer, audience, kind and time are right. */
export interface VerifiedToken {
  subject: string;
  expiresAtS: number;
  claims: Readonly<Record<string, unknown>>;
}

export interface Verifier {
  /** What was verified before and still holds, without waiting; undefined says nothing about the token. */
  remembered(token: string): VerifiedToken | undefined;
  /** @throws Problem invalid-token or expired-token; UnavailableError when no key is known at all */
  verify(token: string): Promise<VerifiedToken>;
}

/** No token of ours comes near it; longer ones are not worth parsing. */
const LONGEST_TOKEN = 4_096;

/** About 1 KB each, so 4 MB at most. */
const CACHED_TOKENS = 4_000;

/** The clocks of two machines may differ by this much. */
const CLOCK_TOLERANCE_S = 5;

/**
 * Verifies RS256 tokens. The algorithm is pinned, whatever a token says of itself (RFC 8725, 3.1). A token that was
 * verified is remembered until it expires or the issuer's keys change.
 */
export function createVerifier({ keys, issuer, audience, type }: VerifierOptions): Verifier {
  const cache = createTokenCache<VerifiedToken>(CACHED_TOKENS);
  let cachedVersion = keys.version;

  async function findKey(kid: string) {
    const known = keys.find(kid);
    if (known !== undefined) return known;
    await keys.refresh();
    return keys.find(kid);
  }

  function remembered(token: string): VerifiedToken | undefined {
    if (cachedVersion !== keys.version) {
      cache.clear();
      cachedVersion = keys.version;
    }
    return cache.get(token, Date.now() / 1000);
  }

  return {
    remembered,
    async verify(token) {
      const known = remembered(token);
      if (known !== undefined) return known;
      const key = await findKey(keyIdOf(token, type));
      if (key === undefined) throw invalidToken('It is signed with a key that its issuer does not publish.');
      const verified = verifiedBy(() =>
        jwt.verify(token, key, {
          algorithms: ['RS256'],
          issuer,
          audience,
          clockTolerance: CLOCK_TOLERANCE_S,
        }),
      );
      cache.set(token, verified, verified.expiresAtS);
      return verified;
    },
  };
}

function keyIdOf(token: string, type: string): string {
  if (token.length > LONGEST_TOKEN) throw invalidToken('It is too long.');
  const header = headerOf(token);
  if (header?.alg !== 'RS256' || header.typ !== type || typeof header.kid !== 'string') throw invalidToken();
  return header.kid;
}

function headerOf(token: string) {
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    return undefined;
  }
}

function verifiedBy(verify: () => unknown): VerifiedToken {
  const payload = payloadOf(verify);
  if (typeof payload !== 'object' || payload === null) throw invalidToken();
  const claims: Record<string, unknown> = { ...payload };
  const { sub, exp } = claims;
  // The library takes a token without an end for one that is valid for ever.
  if (typeof sub !== 'string' || sub === '' || typeof exp !== 'number') throw invalidToken();
  return { subject: sub, expiresAtS: exp, claims };
}

function payloadOf(verify: () => unknown): unknown {
  try {
    return verify();
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError) throw expiredToken();
    throw invalidToken();
  }
}
