import { problemType } from '@tandem/common';

export const grantRefused = problemType('grant-refused', 401, 'The grant lets nobody in here');
export const notPermitted = problemType('not-permitted', 403, 'The grant does not permit this');
export const notAcceptable = problemType('not-acceptable', 406, 'The events are told in another form');
export const roomClosed = problemType('room-closed', 410, 'The room has been closed for good');
export const textRefused = problemType('text-refused', 422, 'The text is blank, or longer than it may be');
