import { issuerOf, type SigningKeys } from '@tandem/common';
import type { Room } from './room-store.ts';

/**
 * What the bearer of a grant may do in the room. What a grant does not name is denied: there is no other list.
 */
export const PERMISSIONS = ['receive', 'send', 'share-screen', 'chat', 'moderate'] as const;

export type Permission = (typeof PERMISSIONS)[number];

export const GRANT_TYPE = 'grant+jwt';
export const GRANT_AUDIENCE = 'tandem/call';

/** Long enough to connect with, on a slow phone; too short to be worth passing on. */
export const GRANT_S = 120;

/** A token that lets one user into one room, for those who carry the call: they need not ask anybody. */
export function signGrant(
  keys: SigningKeys,
  room: Room,
  userId: string,
): { grant: string; permissions: Permission[] } {
  const permissions = permissionsOf(room, userId);
  const grant = keys.sign(
    { room: room.id, permissions },
    {
      type: GRANT_TYPE,
      issuer: issuerOf('rooms'),
      audience: GRANT_AUDIENCE,
      subject: userId,
      lifetimeS: GRANT_S,
    },
  );
  return { grant, permissions };
}

export function permissionsOf(room: Room, userId: string): Permission[] {
  const everybody: Permission[] = ['receive', 'send', 'share-screen', 'chat'];
  return room.ownerId === userId ? [...everybody, 'moderate'] : everybody;
}
