import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  createSigner,
  issuerOf,
  type Redis,
  type SigningKeys,
} from '@tandem/common';
import type { OpenedSession } from './sessions.ts';

/** Short, because nobody can take an access token back (see README.md). */
const ACCESS_TOKEN_S = 15 * 60;

/** What a client gets for a session: the access token, and what to get the next one with. */
export interface IssuedTokens {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
}

/** Makes the tokens of a session. A guest's access token carries the name, because a guest has no profile. */
export function createTokens(service: string, keys: SigningKeys, redis: Redis) {
  const signer = createSigner({ keys, redis });
  return async ({ id, userId, guestName, refreshToken }: OpenedSession): Promise<IssuedTokens> => {
    const accessToken = await signer.sign(
      { sid: id, ...(guestName === null ? {} : { guest: guestName }) },
      {
        type: ACCESS_TOKEN_TYPE,
        issuer: issuerOf(service),
        audience: ACCESS_TOKEN_AUDIENCE,
        subject: userId,
        lifetimeS: ACCESS_TOKEN_S,
      },
    );
    return { accessToken, expiresIn: ACCESS_TOKEN_S, refreshToken };
  };
}
