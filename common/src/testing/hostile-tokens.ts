import { createHmac, createPublicKey } from 'node:crypto';
import { Secret } from '../config/secret.ts';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_TYPE, issuerOf } from '../tokens/authentication.ts';
import { createSigningKeys, type SignOptions } from '../tokens/signing-keys.ts';
import { createTokenIssuer } from './token-issuer.ts';

/** Access tokens that nobody may get in with: what is wrong with each, the token, and the code of the problem. */
export type HostileToken = readonly [what: string, token: string, code: string];

/** @param privateKeyPem of the issuer that is believed, so that only one thing is wrong with each */
export function hostileTokens(privateKeyPem: string, issuer = 'auth'): HostileToken[] {
  const keys = createSigningKeys(new Secret(privateKeyPem));
  const sign = (changed: Partial<SignOptions>, claims: object = { sid: 's' }) =>
    keys.sign(
      { ...claims },
      {
        type: ACCESS_TOKEN_TYPE,
        issuer: issuerOf(issuer),
        audience: ACCESS_TOKEN_AUDIENCE,
        subject: 'mallory',
        lifetimeS: 600,
        ...changed,
      },
    );
  const good = sign({});
  const [header = '', payload = '', signature = ''] = good.split('.');
  const withHeader = (changes: object, signed: (input: string) => string) => {
    const text = Buffer.from(header, 'base64url').toString();
    const head = Buffer.from(JSON.stringify({ ...JSON.parse(text), ...changes })).toString('base64url');
    return `${head}.${payload}.${signed(`${head}.${payload}`)}`;
  };
  const publicKey = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' });
  const byPublicKey = (input: string) => createHmac('sha256', publicKey).update(input).digest('base64url');
  const claimed = Buffer.from(JSON.stringify({ sub: 'admin', sid: 's' })).toString('base64url');
  return [
    ['expired', sign({ lifetimeS: -60 }), 'expired-token'],
    ['signed by somebody else', createTokenIssuer(issuer).token('mallory'), 'invalid-token'],
    ['changed after it was signed', `${header}.${claimed}.${signature}`, 'invalid-token'],
    ['alg none', withHeader({ alg: 'none' }, () => ''), 'invalid-token'],
    ['HS256 by the public key', withHeader({ alg: 'HS256' }, byPublicKey), 'invalid-token'],
    ['for another audience', sign({ audience: 'tandem/call' }), 'invalid-token'],
    ['of another issuer', sign({ issuer: issuerOf('rooms') }), 'invalid-token'],
    ['of another kind', sign({ type: 'grant+jwt' }), 'invalid-token'],
    ['of no session', sign({}, {}), 'invalid-token'],
    ['no token', 'a.b.c', 'invalid-token'],
  ];
}
