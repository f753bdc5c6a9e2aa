import type { FastifyRequest } from 'fastify';
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
  app.decorateRequest('user', {
    getter() {
      const { user } = this.context;
      if (user === undefined) throw new Error('a public route has no user');
      return user;
    },
  });
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.route.url === undefined || request.route.access === 'public') return done();
    // Nearly every token was seen before: then nothing has to be waited for, which would cost more than all else here.
    const known = rememberedBy(verifier, request.headers.authorization);
    // Fastify waits for either: the promise, or the call of `done`.
    if (known === undefined) return letInLater(request, verifier);
    letIn(request, known);
    done();
  });
}

async function letInLater(request: FastifyRequest, verifier: Verifier): Promise<void> {
  const token = bearerOf(request.headers.authorization);
  if (token === undefined) throw challenge(unauthenticated());
  letIn(request, await verifier.verify(token).catch(rethrow));
}

function letIn({ context, route }: FastifyRequest, verified: VerifiedToken): void {
  const user = userOf(verified);
  if (user.guest !== null && route.access !== 'guest') throw guestsNotAllowed();
  context.user = user;
  context.userId = user.id;
}

function rememberedBy(verifier: Verifier, authorization = ''): VerifiedToken | undefined {
  return authorization.startsWith('Bearer ') ? verifier.remembered(authorization.slice(7)) : undefined;
}

/** The token of an Authorization header (RFC 6750, 2.1). */
export function bearerOf(authorization: string | undefined): string | undefined {
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
