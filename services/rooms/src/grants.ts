import { createSigner, issuerOf, type Redis, type SigningKeys } from '@tandem/common';
import type { Role } from './admission.ts';
import type { Permission } from './room.ts';

export const GRANT_TYPE = 'grant+jwt';
export const GRANT_AUDIENCE = 'tandem/call';

/** Long enough to connect with, on a slow phone; too short to be worth passing on. */
export const GRANT_S = 120;

/** What a grant says. */
export interface GrantClaims {
  room: string;
  role: Role;
  permissions: Permission[];
  /** Under which the others see the bearer; left out where it is not known. */
  name?: string;
}

/** Signs tokens that let one user into one room, for those who carry the call: they need not ask anybody. */
export function createGrants(service: string, keys: SigningKeys, redis: Redis) {
  const signer = createSigner({ keys, redis });
  return (userId: string, claims: GrantClaims): Promise<string> =>
    signer.sign(
      { ...claims },
      {
        type: GRANT_TYPE,
        issuer: issuerOf(service),
        audience: GRANT_AUDIENCE,
        subject: userId,
        lifetimeS: GRANT_S,
      },
    );
}
