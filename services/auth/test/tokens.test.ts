import { createPublicKey, verify } from 'node:crypto';
import { createTokenIssuer } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_RABBITMQ, type Running, startAuth } from './support.ts';

let auth: Running;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

const jwksOf = async (instance: Running) =>
  (await instance.send('GET', '/api/auth/.well-known/jwks.json')).body;

test('an access token says who, by whom, for whom and until when, and nothing else', async () => {
  const { id, accessToken } = await auth.register();
  const [header, payload] = accessToken
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  expect(header).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: expect.any(String) });
  expect(payload).toEqual({
    iss: 'tandem/auth',
    aud: 'tandem',
    sub: id,
    sid: expect.any(String),
    iat: expect.any(Number),
    exp: expect.any(Number),
  });
});

test('the keys that are published verify it, and only their public halves are published', async () => {
  const { accessToken } = await auth.register();
  const answer = await auth.send('GET', '/api/auth/.well-known/jwks.json');
  expect(answer.headers['cache-control']).toBe('public, max-age=300');
  const [jwk] = answer.body.keys;
  expect(Object.keys(jwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const [header, payload, signature = ''] = accessToken.split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  expect(verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
});

test('a token of another key, another kind or another issuer is none of ours', async () => {
  const stranger = createTokenIssuer();
  const { keys } = await jwksOf(auth);
  const foreign = await auth.send('GET', '/api/auth/me', { token: stranger.token('ada') });
  expect([foreign.status, foreign.code]).toEqual([401, 'invalid-token']);
  const unsigned = `${Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: keys[0].kid })).toString('base64url')}.${Buffer.from('{"sub":"ada"}').toString('base64url')}.`;
  expect((await auth.send('GET', '/api/auth/me', { token: unsigned })).code).toBe('invalid-token');
  expect((await auth.send('GET', '/api/auth/me')).code).toBe('unauthenticated');
  expect((await auth.send('GET', '/internal/auth/session')).code).toBe('unauthenticated');
});

test.each([
  ['nothing that is a key', 'no key'],
  ['half a key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
])('%s keeps it from starting', async (_what, JWT_PRIVATE_KEY) => {
  const { auth: definition } = await import('../src/service.ts');
  const build = definition.build({
    env: { REDIS_URL: auth.redis.url, RABBITMQ_URL: NO_RABBITMQ, JWT_PRIVATE_KEY, LOG_LEVEL: 'silent' },
  });
  await expect(build).rejects.toThrow();
});
