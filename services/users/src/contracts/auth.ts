import { defineEvent, type HttpClient, Type, UpstreamError } from '@tandem/common';
import { sessionEnded } from '../problems.ts';

/** What this service reads of the event of auth; more may be in it. */
export const userRegistered = defineEvent({
  name: 'user.registered',
  version: 1,
  schema: Type.Object({
    id: Type.String(),
    name: Type.String(),
    registeredAt: Type.String({ format: 'date-time' }),
  }),
});

/** What this service needs of the answer of auth. */
const Me = Type.Object({ id: Type.String(), name: Type.String(), createdAt: Type.String() });

/**
 * The account of whoever sent the request that is being served.
 * @throws Problem session-ended; UnavailableError
 */
export async function fetchMe(auth: HttpClient): Promise<{ id: string; name: string; createdAt: string }> {
  try {
    return await auth.get('/api/auth/me', { response: Me, timeoutMs: 1_500 });
  } catch (error) {
    if (error instanceof UpstreamError && error.status === 401) throw sessionEnded();
    throw error;
  }
}
