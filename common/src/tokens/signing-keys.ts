import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Secret } from '../config/secret.ts';
import type { KeySet } from './key-set.ts';

/** Shorter keys are no longer considered safe (NIST SP 800-131A). */
const SHORTEST_RSA_KEY = 2048;

/** A public key as JWKS (RFC 7517) shows it. */
export interface PublicJwk {
  kty: string;
  kid: string;
  use: 'sig';
  alg: 'RS256';
  n: string;
  e: string;
}

export interface SignOptions {
  /** `typ` of the header: tells apart tokens of different kinds that the same issuer signs (RFC 8725, 3.11). */
  type: string;
  issuer: string;
  audience: string;
  subject: string;
  lifetimeS: number;
}

/** The private keys of a service that signs tokens. Verifies its own tokens without asking anybody. */
export interface SigningKeys extends KeySet {
  /** @param place of the key that signs, in the order of the secret; the first one when not given */
  sign(claims: Record<string, unknown>, options: SignOptions, place?: number): string;
  jwks(): { keys: PublicJwk[] };
}

/**
 * Reads one or several RSA private keys (PEM, one after the other). All are published; which one signs is the caller's
 * choice (see signer.ts), so that a key is rotated by putting the new one in front and taking the old one away once its
 * last token has expired. The key id is the key's thumbprint (RFC 7638).
 *
 * @throws Error when there is no key, or one that is not RSA of at least 2048 bits; its message shows no key
 */
export function createSigningKeys(pem: Secret): SigningKeys {
  const blocks = pem.reveal().match(/-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g) ?? [];
  const keys = blocks.map(readKey);
  if (keys.length === 0) throw new Error('there is no private key in PEM format in the secret');
  const byId = new Map(keys.map((key) => [key.jwk.kid, key.publicKey]));
  return {
    version: 0,
    find: (kid) => byId.get(kid),
    refresh: async () => {},
    jwks: () => ({ keys: keys.map((key) => key.jwk) }),
    sign: (claims, { type, issuer, audience, subject, lifetimeS }, place = 0) => {
      const key = keys[place];
      if (key === undefined) throw new Error(`there is no key number ${place}`);
      return jwt.sign(claims, key.privateKey, {
        algorithm: 'RS256',
        keyid: key.jwk.kid,
        header: { alg: 'RS256', typ: type },
        issuer,
        audience,
        subject,
        expiresIn: lifetimeS,
      });
    },
  };
}

interface Key {
  privateKey: KeyObject;
  publicKey: KeyObject;
  jwk: PublicJwk;
}

function readKey(pem: string): Key {
  const privateKey = createPrivateKey(pem);
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== 'rsa' || bits < SHORTEST_RSA_KEY) {
    throw new Error(`the private key must be RSA of at least ${SHORTEST_RSA_KEY} bits`);
  }
  const publicKey = createPublicKey(privateKey);
  const { kty = '', n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
  return { privateKey, publicKey, jwk: { kty, kid, use: 'sig', alg: 'RS256', n, e } };
}
