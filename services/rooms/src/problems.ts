import { problemType } from '@tandem/common';

export const roomNotFound = problemType('room-not-found', 404, 'There is no such room');
export const notOwner = problemType('not-owner', 403, 'Only the owner of the room may do this');
export const tooManyRooms = problemType(
  'too-many-rooms',
  409,
  'You have as many rooms as one person can have',
);
export const invalidCursor = problemType('invalid-cursor', 422, 'The cursor is not one that a list gave out');
export const sessionEnded = problemType('session-ended', 401, 'The session has ended; log in again');
