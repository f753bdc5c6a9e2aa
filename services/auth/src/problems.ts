import { problemType } from '@tandem/common';

export const emailTaken = problemType('email-taken', 409, 'There is an account with this e-mail address');
export const wrongCredentials = problemType('wrong-credentials', 401, 'E-mail address or password is wrong');
export const sessionEnded = problemType('session-ended', 401, 'The session has ended; log in again');
export const wrongPassword = problemType('wrong-password', 403, 'The present password is wrong');
