import { type HttpClient, type Logger, Type, UnavailableError, UpstreamError } from '@tandem/common';
import { userNotFound } from './problems.ts';

/** What this service needs of the answers of users; a test holds it against the OpenAPI of users. */
export const User = Type.Object({ id: Type.String(), name: Type.String() });

/** Joining must not hang because users does. */
const TIMEOUT_MS = 700;

/**
 * The name of whoever sent the request that is being served; null when users does not answer: one can be in a call
 * without a name, but not outside of it with one.
 */
export async function fetchOwnName(users: HttpClient, log: Logger): Promise<string | null> {
  try {
    return (await users.get('/api/users/me', { response: User, timeoutMs: TIMEOUT_MS })).name;
  } catch (error) {
    if (!(error instanceof UnavailableError || error instanceof UpstreamError)) throw error;
    log.warn({ err: error }, 'users does not say the name of somebody who joins');
    return null;
  }
}

/** @throws Problem user-not-found; UnavailableError */
export async function requireUser(users: HttpClient, id: string): Promise<void> {
  try {
    await users.get('/api/users/:id', { params: { id }, response: User });
  } catch (error) {
    if (error instanceof UpstreamError && error.status === 404) throw userNotFound();
    throw error;
  }
}
