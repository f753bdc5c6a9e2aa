import { Problem, problems, problemType, UnavailableError, UpstreamError } from '@tandem/common';
import type { Refusal } from './protocol/server-frames.ts';

export const malformed = problemType('malformed-message', 400, 'The message is not what the protocol says');
export const helloExpected = problemType('hello-expected', 400, 'The first message is hello or resume');
export const unknownMethod = problemType('unknown-method', 404, 'There is no such method');
export const grantRefused = problemType('grant-refused', 401, 'The grant lets nobody in here');
export const notPermitted = problemType('not-permitted', 403, 'The grant does not permit this');
export const participantUnknown = problemType(
  'participant-unknown',
  404,
  'There is nobody of this id in the room',
);
export const roomFull = problemType('room-full', 409, 'The room has as many people as it may');
export const noMedia = problemType('no-media', 409, 'Enter the media server first');
export const away = problemType('unavailable', 503, 'A service behind this one is not there at the moment');

/** What the other side is told of an error; nothing that is not meant for it. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Problem) {
    const { code, title } = error.type;
    const after = Number(error.headers['retry-after'] ?? Number.NaN) * 1_000;
    return {
      code,
      title,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(Number.isFinite(after) ? { retryAfterMs: after } : {}),
    };
  }
  const type =
    error instanceof UnavailableError || error instanceof UpstreamError ? away : problems.internalError;
  return { code: type.code, title: type.title };
}

/** Worth a line in the log: it is not the other side's fault. */
export function isOurs(error: unknown): boolean {
  return !(error instanceof Problem && error.type.status < 500);
}
