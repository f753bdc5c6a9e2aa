import { problems } from '@tandem/common';
import type { Room } from './room.ts';

/** A room as one user sees it. */
export function viewOf({ version: _, ownerId, ...room }: Room, userId: string) {
  return { ...room, mine: ownerId === userId };
}

/** In UTC, so that texts compare like times. @throws Problem invalid-request for a time that no calendar has */
export function normalizedTime(startsAt: string | null): string | null {
  if (startsAt === null) return null;
  const time = new Date(startsAt);
  if (Number.isFinite(time.getTime()) && time.getTime() > 0) return time.toISOString();
  throw problems.invalidRequest(undefined, {
    errors: [{ in: 'body', pointer: '/startsAt', detail: 'is no time that can be scheduled' }],
  });
}
