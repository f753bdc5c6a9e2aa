import type { App } from '../http/app.ts';
import { Problem } from '../http/problem.ts';
import { guestsNotAllowed, invalidToken, unauthenticated } from '../http/problems.ts';
import type { User } from './user.ts';
import type { VerifiedToken, Verifier } from './verifier.ts';

/** What an access token says of itself; see RFC 9068. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
export const ACCESS_TOKEN_AUDIENCE = 'tandem';

/** The `iss` of the tokens that a service signs. */
export function issuerOf(service: string): string {
  return `tandem/${service}`;
}

/** Where a service that signs tokens publishes its keys. */
export function jwksPath(service: string): string {
  return `/api/${service}/.well-known/jwks.json`;
}

/**
 * Lets nobody in without a valid access token, except on routes that say `access: 'public'`, and no guest except on
 * routes that say `access: 'guest'`. Runs before the body is read, so that strangers cannot make the service read one.
 */
export function addAuthentication(app: App, verifier: Verifier): void {
  const users = new WeakMap<object, User>();
  app.decorateRequest('user', {
    getter() {
      const user = users.get(this);
      if (user === undefined) throw new Error('a public route has no user');
      return user;
    },
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (request.is404 || access === 'public') return;
    const token = bearerOf(request.headers.authorization);
    if (token === undefined) throw challenge(unauthenticated());
    const user = userOf(await verifier.verify(token).catch(rethrow));
    if (user.guest !== null && access !== 'guest') throw guestsNotAllowed();
    users.set(request, user);
    request.context.userId = user.id;
  });
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
}

function userOf({ subject, claims }: VerifiedToken): User {
  const { sid, guest } = claims;
  if (typeof sid !== 'string' || !(guest === undefined || typeof guest === 'string'))
    throw challenge(invalidToken());
  return { id: subject, sessionId: sid, guest: guest === undefined ? null : { name: guest } };
}

function rethrow(error: unknown): never {
  throw error instanceof Problem ? challenge(error) : error;
}

/** RFC 6750: a 401 says how to authenticate, and why the token that came was not good enough. */
function challenge(problem: Problem): Problem {
  const reason =
    problem.type === unauthenticated
      ? ''
      : ` error="invalid_token", error_description="${problem.type.title}"`;
  problem.headers['www-authenticate'] = `Bearer${reason}`;
  return problem;
}
