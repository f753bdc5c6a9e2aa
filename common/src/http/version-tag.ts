import { malformedRequest } from './problems.ts';

/** The ETag of something that counts its versions. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/**
 * The version that the caller's If-Match names: the update is for that one and no other. Null where any will do. A weak
 * tag counts like a strong one, because the edge weakens the tags of answers that it compresses, and a version names
 * what the thing is, not the bytes it was sent as.
 *
 * @throws Problem malformed-request for anything but one tag of ours or `*`
 */
export function expectedVersion(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(ifMatch.trim())?.[1];
  if (version === undefined) throw malformedRequest('If-Match must be the ETag of an answer, or *.');
  return Number(version);
}
