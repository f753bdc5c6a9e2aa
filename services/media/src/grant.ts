import { createVerifier, issuerOf, type KeySet, Problem } from '@tandem/common';
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
  const verifier = createVerifier({ keys, issuer: issuerOf(ISSUER), audience: AUDIENCE, type: TYPE });
  return async (authorization) => {
    const token = bearerOf(authorization);
    if (token === undefined) throw grantRefused('Authorization: Bearer with a grant is missing.');
    const { subject, claims } = await verifier.verify(token).catch((error: unknown) => {
      throw error instanceof Problem ? grantRefused(error.detail ?? error.type.title) : error;
    });
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

/** The token of an Authorization header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
}
