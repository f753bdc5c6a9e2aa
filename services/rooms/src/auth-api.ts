import { type HttpClient, type Logger, Type, UnavailableError, UpstreamError } from '@tandem/common';
import { sessionEnded } from './problems.ts';

/** What this service needs of auth's answer; a test holds it against auth's OpenAPI. */
export const SessionState = Type.Object({ userId: Type.String() });

export const SESSION_PATH = '/internal/auth/session';

/** Joining must not hang because auth does. */
const TIMEOUT_MS = 700;

/**
 * An access token is valid for minutes after its session ended, which is too long to still get into a call: auth is
 * asked. When auth does not answer, the token's own word counts, so that calls can be joined while auth is down.
 *
 * @throws Problem session-ended
 */
export async function requireOpenSession(auth: HttpClient, log: Logger): Promise<void> {
  try {
    await auth.get(SESSION_PATH, { response: SessionState, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (error instanceof UpstreamError && error.status === 401) throw sessionEnded();
    const away = error instanceof UnavailableError || (error instanceof UpstreamError && error.status >= 500);
    if (!away) throw error;
    log.warn({ err: error }, 'auth does not say whether the session lasts; the token is believed');
  }
}
