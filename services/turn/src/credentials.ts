import { createHmac } from 'node:crypto';

/** What a client shows to the TURN server. */
export interface Credentials {
  username: string;
  credential: string;
}

/**
 * Credentials that end by themselves, as coturn's `use-auth-secret` checks them
 * (https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00): whoever has the key makes and checks them alone.
 *
 * @param user whom they are given to; what one user may have at once is counted by it
 * @param expiresS when they end, in seconds since 1970
 */
export function credentialsFor(user: string, expiresS: number, key: string): Credentials {
  const username = `${expiresS}:${user}`;
  return { username, credential: createHmac('sha1', key).update(username).digest('base64') };
}
