import { type HttpClient, type Static, Type, UpstreamError } from '@tandem/common';
import { sessionEnded } from './problems.ts';

/** What this service needs of the answer of auth; a test holds it against the OpenAPI of auth. */
export const Me = Type.Object({ id: Type.String(), name: Type.String(), createdAt: Type.String() });

/**
 * The account of whoever sent the request that is being served.
 * @throws Problem session-ended; UnavailableError
 */
export async function fetchMe(auth: HttpClient): Promise<Static<typeof Me>> {
  try {
    return await auth.get('/api/auth/me', { response: Me, timeoutMs: 1_500 });
  } catch (error) {
    if (error instanceof UpstreamError && error.status === 401) throw sessionEnded();
    throw error;
  }
}
