import { bearerOf, createTokenReader, issuerOf, type KeySet } from '@tandem/common';
import { grantRefused } from './problems.ts';

/** What a grant of the service rooms says of itself. */
const ISSUER = 'rooms';
const TYPE = 'grant+jwt';
const AUDIENCE = 'tandem/call';

const PERMISSIONS = ['receive', 'send', 'share-screen'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Whom a grant lets in, and for what. */
export interface Admission {
  userId: string;
  /** Under which the others see them. */
  name?: string;
  roomId: string;
  /** What is not named is denied. */
  permissions: ReadonlySet<Permission>;
}

/** Reads grants. */
export type ReadGrant = (authorization: string | undefined) => Promise<Admission>;

/** @returns a function that throws the Problem grant-refused, or UnavailableError while no key of rooms is known */
export function createGrantReader(keys: KeySet): ReadGrant {
  const read = createTokenReader(
    { keys, issuer: issuerOf(ISSUER), audience: AUDIENCE, type: TYPE },
    grantRefused,
  );
  return async (authorization) => {
    const token = bearerOf(authorization);
    if (token === undefined) throw grantRefused('Authorization: Bearer with a grant is missing.');
    const { subject, claims } = await read(token);
    const { room, permissions, name } = claims;
    if (typeof room !== 'string' || !Array.isArray(permissions)) throw grantRefused('It names no room.');
    return {
      userId: subject,
      roomId: room,
      permissions: new Set(PERMISSIONS.filter((each) => permissions.includes(each))),
      ...(typeof name === 'string' ? { name } : {}),
    };
  };
}
