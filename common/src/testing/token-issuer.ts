import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Secret } from '../config/secret.ts';
import type { Instance } from '../discovery/discovery.ts';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_TYPE, issuerOf, jwksPath } from '../tokens/authentication.ts';
import { createSigningKeys, type SignOptions } from '../tokens/signing-keys.ts';

/** What a test lets the issuer answer. */
export type IssuerAnswer = (request: IncomingMessage) => { status: number; body: object };

/** Stands in for auth where only its tokens matter: a real key, real tokens, a real JWKS over HTTP. */
export interface TokenIssuer {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  readonly keyId: string;
  /** Where it answers, for a static discovery; empty until `listen()`. */
  readonly instances: readonly Instance[];
  /** An Authorization header for a user. */
  authorization(userId: string, sessionId?: string): string;
  token(userId: string, claims?: Record<string, unknown>, options?: Partial<SignOptions>): string;
  /** Serves the JWKS, and whatever else a test wants of the issuer: `answers` by path. */
  listen(answers?: Record<string, IssuerAnswer>): Promise<void>;
  /** True: it takes requests and answers none. */
  silent: boolean;
  /** How often the JWKS was asked for. */
  readonly fetches: number;
  close(): Promise<void>;
}

export function createTokenIssuer(service = 'auth'): TokenIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const keys = createSigningKeys(new Secret(privateKey));
  const instances: Instance[] = [];
  let server: Server | null = null;
  let fetches = 0;

  const token: TokenIssuer['token'] = (userId, claims = {}, options = {}) =>
    keys.sign(
      { sid: `session-of-${userId}`, ...claims },
      {
        type: ACCESS_TOKEN_TYPE,
        issuer: issuerOf(service),
        audience: ACCESS_TOKEN_AUDIENCE,
        subject: userId,
        lifetimeS: 600,
        ...options,
      },
    );

  return {
    silent: false,
    privateKeyPem: privateKey,
    publicKeyPem: publicKey,
    keyId: keys.jwks().keys[0]?.kid ?? '',
    instances,
    token,
    authorization: (userId, sessionId) =>
      `Bearer ${token(userId, sessionId === undefined ? {} : { sid: sessionId })}`,
    async listen(answers = {}) {
      server = createServer((request, response) => {
        if (this.silent) return;
        const path = request.url ?? '';
        if (path === jwksPath(service)) fetches += 1;
        const answer =
          path === jwksPath(service) ? { status: 200, body: keys.jwks() } : answers[path]?.(request);
        response.writeHead(answer?.status ?? 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer?.body ?? {}));
      });
      const listening = server;
      await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      instances.push({ id: `${service}-1`, host: '127.0.0.1', port, passing: true });
    },
    get fetches() {
      return fetches;
    },
    async close() {
      const closing = server;
      server = null;
      instances.length = 0;
      closing?.closeAllConnections();
      await new Promise<void>((resolve) => (closing === null ? resolve() : closing.close(() => resolve())));
    },
  };
}
