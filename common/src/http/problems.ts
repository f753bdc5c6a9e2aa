import { problemType } from './problem.ts';

/**
 * The problems that any service can answer with. What only one service knows ("room-not-found") is declared in
 * that service. A test pins the set: a released code never changes its meaning.
 */
export const malformedRequest = problemType('malformed-request', 400, 'The request is not valid HTTP');
export const malformedJson = problemType('malformed-json', 400, 'The body is not valid JSON');
export const duplicateKey = problemType('duplicate-key', 400, 'An object in the body has a key twice');
export const forbiddenKey = problemType(
  'forbidden-key',
  400,
  'An object in the body has a key that is never accepted',
);
export const unauthenticated = problemType('unauthenticated', 401, 'Sign in to do this');
export const invalidToken = problemType('invalid-token', 401, 'The access token is not valid');
export const expiredToken = problemType('expired-token', 401, 'The access token has expired');
export const forbidden = problemType('forbidden', 403, 'This is not allowed');
export const guestsNotAllowed = problemType('guests-not-allowed', 403, 'This needs an account');
export const notFound = problemType('not-found', 404, 'There is nothing at this address');
export const methodNotAllowed = problemType(
  'method-not-allowed',
  405,
  'This address does not know the method',
);
export const requestTimeout = problemType('request-timeout', 408, 'The request did not arrive in time');
export const requestInProgress = problemType(
  'request-in-progress',
  409,
  'A request with this Idempotency-Key is still running',
);
export const preconditionFailed = problemType(
  'precondition-failed',
  412,
  'It was changed since the version that If-Match names',
);
export const bodyTooLarge = problemType(
  'body-too-large',
  413,
  'The body is larger than this address accepts',
);
export const unsupportedMediaType = problemType(
  'unsupported-media-type',
  415,
  'The body must be application/json',
);
export const invalidRequest = problemType('invalid-request', 422, 'The request does not fit its schema');
export const idempotencyKeyReused = problemType(
  'idempotency-key-reused',
  422,
  'The Idempotency-Key was used for a different request',
);
export const tooManyRequests = problemType('too-many-requests', 429, 'Too many requests');
export const headersTooLarge = problemType(
  'headers-too-large',
  431,
  'The headers of the request are too large',
);
export const internalError = problemType('internal-error', 500, 'Something went wrong on our side');
export const upstreamFailed = problemType(
  'upstream-failed',
  502,
  'A service behind this one gave no usable answer',
);
export const dependencyUnavailable = problemType(
  'dependency-unavailable',
  503,
  'Something this service needs does not answer at the moment',
);
export const overloaded = problemType('overloaded', 503, 'There is too much to do at the moment');
export const eventsNotAccepted = problemType(
  'events-not-accepted',
  503,
  'Too many events wait to be published',
);
