import { createTokenReader, issuerOf, type KeySet } from '@tandem/common';
import { grantRefused } from './refusals.ts';

/** What a grant of the service rooms says of itself. */
const ISSUER = 'rooms';
const TYPE = 'grant+jwt';
const AUDIENCE = 'tandem/call';

/** Whom a grant lets in, and for what. */
export interface Admission {
  user: string;
  /** Under which the others see them; empty where nobody knew it. */
  name: string;
  room: string;
  role: 'moderator' | 'participant';
  /** What is not named is denied. */
  permissions: readonly string[];
}

/** @returns a function that throws the Problem grant-refused, or UnavailableError while no key of rooms is known */
export function createGrantReader(keys: KeySet): (grant: string) => Promise<Admission> {
  const read = createTokenReader(
    { keys, issuer: issuerOf(ISSUER), audience: AUDIENCE, type: TYPE },
    grantRefused,
  );
  return async (grant) => {
    const { subject, claims } = await read(grant);
    const { room, role, permissions, name } = claims;
    if (typeof room !== 'string' || !Array.isArray(permissions)) throw grantRefused('It names no room.');
    if (role !== 'moderator' && role !== 'participant') throw grantRefused('It lets nobody past the lobby.');
    return {
      user: subject,
      name: typeof name === 'string' ? name.slice(0, 200) : '',
      room,
      role,
      permissions: permissions.filter((each) => typeof each === 'string'),
    };
  };
}
