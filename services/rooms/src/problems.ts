import { problemType } from '@tandem/common';

export const roomNotFound = problemType('room-not-found', 404, 'There is no such room');
export const roomClosed = problemType('room-closed', 410, 'The room is closed');
export const notOwner = problemType('not-owner', 403, 'Only the owner of the room may do this');
export const notModerator = problemType('not-moderator', 403, 'Only a moderator of the room may do this');
export const notInvited = problemType('not-invited', 403, 'Only those who were invited may enter');
export const guestsNotWelcome = problemType('guests-not-welcome', 403, 'The room takes no guests');
export const refused = problemType('refused', 403, 'A moderator did not let you in');
export const userNotFound = problemType('user-not-found', 404, 'There is no such user');
export const tooManyRooms = problemType(
  'too-many-rooms',
  409,
  'You have as many rooms as one person can have',
);
export const tooManyMembers = problemType('too-many-members', 409, 'No more people can be added to the room');
export const invalidCursor = problemType('invalid-cursor', 422, 'The cursor is not one that a list gave out');
export const sessionEnded = problemType('session-ended', 401, 'The session has ended; log in again');
