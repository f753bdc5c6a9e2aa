import { problems } from '@tandem/common';
import { notModerator, notOwner, roomClosed, roomNotFound, tooManyMembers } from './problems.ts';

/** What a script replies when it has done nothing, and what the caller is told. */
const REFUSALS = new Map([
  ['missing', roomNotFound],
  ['closed', roomClosed],
  ['not owner', notOwner],
  ['not moderator', notModerator],
  ['too many', tooManyMembers],
  ['stale', problems.preconditionFailed],
]);

/** @throws Problem, where the script refused */
export function requireDone(outcome: unknown): void {
  const problem = REFUSALS.get(String(outcome));
  if (problem !== undefined) throw problem();
}
