import { bearerOf, createTokenReader, issuerOf, type KeySet } from '@tandem/common';
import { grantRefused, notPermitted } from './problems.ts';

/** What a grant of the service rooms says of itself. */
const ISSUER = 'rooms';
const TYPE = 'grant+jwt';
const AUDIENCE = 'tandem/call';

/** `receive` reads, `chat` writes. */
export type Permission = 'receive' | 'chat';

/** Whom a grant lets in. */
export interface Admission {
  user: string;
  /** Under which the others see them; empty where nobody knew it. */
  name: string;
  room: string;
  /** Seconds since 1970. */
  expiresAtS: number;
}

/**
 * Reads the grant of an Authorization header, which alone says who somebody is, in which room, and what they may do there.
 * @throws Problem grant-refused or not-permitted; UnavailableError while no key of rooms is known
 */
export type ReadGrant = (authorization: string | undefined, needed: Permission) => Promise<Admission>;

export function createGrantReader(keys: KeySet): ReadGrant {
  const read = createTokenReader(
    { keys, issuer: issuerOf(ISSUER), audience: AUDIENCE, type: TYPE },
    grantRefused,
  );
  return async (authorization, needed) => {
    const token = bearerOf(authorization);
    if (token === undefined) throw grantRefused('Authorization: Bearer with a grant is missing.');
    const { subject, claims, expiresAtS } = await read(token);
    const { room, permissions, name } = claims;
    if (typeof room !== 'string' || !Array.isArray(permissions)) throw grantRefused('It names no room.');
    if (!permissions.includes(needed)) throw notPermitted();
    return { user: subject, name: typeof name === 'string' ? name : '', room, expiresAtS };
  };
}
