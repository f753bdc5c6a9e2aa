import { problemType } from '@tandem/common';

export const grantRefused = problemType('grant-refused', 401, 'The grant does not let anybody in here');
export const peerUnknown = problemType(
  'peer-unknown',
  401,
  'There is no such peer, or this is not its token',
);
export const notPermitted = problemType('not-permitted', 403, 'The grant does not permit this');
export const mediaNotFound = problemType(
  'media-not-found',
  404,
  'The peer has no such transport, producer or consumer',
);
export const producerGone = problemType('producer-gone', 404, 'Nobody in the room sends this any more');
export const roomUnknown = problemType('room-unknown', 404, 'Nobody of this room is here');
export const subscriberUnknown = problemType(
  'subscriber-unknown',
  401,
  'There is no such subscriber, or this is not its token',
);
export const tooMany = problemType('too-many', 409, 'The peer has as many of these as it may');
export const placementStale = problemType('placement-stale', 409, 'The room has been placed anew since then');
export const roomFull = problemType('room-full', 409, 'The room has as many peers as it may');
export const wrongTransport = problemType(
  'wrong-transport',
  409,
  'The transport is made for the other direction',
);
export const lostMedia = problemType(
  'media-lost',
  409,
  'The media of the peer were lost meanwhile; make them anew',
);
export const notAcceptable = problemType('not-acceptable', 406, 'The answer comes in one form only');
export const mediaRefused = problemType(
  'media-refused',
  422,
  'The media server cannot work with these parameters',
);
export const noWorker = problemType('no-worker', 503, 'No media worker runs at the moment');
