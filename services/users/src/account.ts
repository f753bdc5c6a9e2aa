import { type ApiClient, UpstreamError } from '@tandem/common';
import type { authApi } from './contracts/auth-api.ts';
import { sessionEnded } from './problems.ts';

export type AuthClient = ApiClient<typeof authApi>;

/**
 * The account of whoever sent the request that is being served.
 * @throws Problem session-ended; UnavailableError
 */
export async function fetchMe(auth: AuthClient) {
  try {
    return await auth.call('GET /api/auth/me', { timeoutMs: 1_500 });
  } catch (error) {
    if (error instanceof UpstreamError && error.status === 401) throw sessionEnded();
    throw error;
  }
}
