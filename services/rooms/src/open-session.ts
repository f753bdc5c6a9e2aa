import { type ApiClient, type Logger, UnavailableError, UpstreamError } from '@tandem/common';
import type { authApi } from './contracts/auth-api.ts';
import { sessionEnded } from './problems.ts';

/** Joining must not hang because auth does. */
const TIMEOUT_MS = 700;

/**
 * An access token is valid for minutes after its session ended, which is too long to still get into a call: auth is
 * asked. When auth does not answer, the token's own word counts, so that calls can be joined while auth is down.
 *
 * @throws Problem session-ended
 */
export async function requireOpenSession(auth: ApiClient<typeof authApi>, log: Logger): Promise<void> {
  try {
    await auth.call('GET /internal/auth/session', { timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (error instanceof UpstreamError && error.status === 401) throw sessionEnded();
    const away = error instanceof UnavailableError || (error instanceof UpstreamError && error.status >= 500);
    if (!away) throw error;
    log.warn({ err: error }, 'auth does not say whether the session lasts; the token is believed');
  }
}
