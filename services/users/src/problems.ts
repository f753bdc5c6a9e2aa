import { problemType } from '@tandem/common';

export const userNotFound = problemType('user-not-found', 404, 'There is no such user');
export const notAnImage = problemType('not-an-image', 422, 'The image is not PNG, JPEG or WebP');
export const imageTooLarge = problemType('image-too-large', 422, 'The image has more than 16 KiB');
export const sessionEnded = problemType('session-ended', 401, 'The session has ended; log in again');
