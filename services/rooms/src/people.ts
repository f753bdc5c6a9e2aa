import { type ApiClient, isRefusal, type Logger, UnavailableError, UpstreamError } from '@tandem/common';
import { usersApi } from './contracts/users-api.ts';
import { userNotFound } from './problems.ts';

export type UsersClient = ApiClient<typeof usersApi>;

/** Nobody waits long for a name. */
const TIMEOUT_MS = 700;

/**
 * The name of whoever sent the request that is being served; null when users does not answer: one can be in a call
 * without a name, or invite to it, but not be kept out of it for want of one.
 */
export async function fetchOwnName(users: UsersClient, log: Logger): Promise<string | null> {
  try {
    return (await users.call('GET /api/users/me', { timeoutMs: TIMEOUT_MS })).name;
  } catch (error) {
    if (!(error instanceof UnavailableError || error instanceof UpstreamError)) throw error;
    log.warn({ err: error }, 'users does not say the name of somebody');
    return null;
  }
}

/** @throws Problem user-not-found; UnavailableError */
export async function requireUser(users: UsersClient, id: string): Promise<void> {
  try {
    await users.call('GET /api/users/{id}', { params: { id } });
  } catch (error) {
    if (isRefusal(error, usersApi, 'user-not-found')) throw userNotFound();
    throw error;
  }
}
