import { createTokenIssuer } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newPerson, nextNetwork, startAuth } from './support.ts';

const kidOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

test('a rotation refuses no token: instances with and without the new key believe the same ones', async () => {
  await using before = await startAuth();
  const ada = await before.register();
  const fresh = createTokenIssuer();
  const secret = `${fresh.privateKeyPem}\n${before.privateKeyPem}`;
  await using after = await startAuth({ beside: before, env: { JWT_PRIVATE_KEY: secret } });

  const published = (await after.send('GET', '/api/auth/.well-known/jwks.json')).body.keys;
  expect(published.map(({ kid }: { kid: string }) => kid)).toEqual([fresh.keyId, kidOf(ada.accessToken)]);
  const grace = await after.register();
  expect(kidOf(grace.accessToken)).toBe(kidOf(ada.accessToken));
  for (const instance of [before, after]) {
    for (const { accessToken } of [ada, grace]) {
      expect((await instance.send('GET', '/api/auth/me', { token: accessToken })).status).toBe(200);
    }
  }

  // As after ten minutes: the new key signs, the tokens of the old one are still believed.
  const redis = before.redis.connect();
  await redis.set(`signing-key:${fresh.keyId}`, Date.now() - 601_000);
  await using later = await startAuth({ beside: before, env: { JWT_PRIVATE_KEY: secret } });
  const answer = await later.send('POST', '/api/auth/register', { body: newPerson(), from: nextNetwork() });
  expect(kidOf(answer.body.accessToken)).toBe(fresh.keyId);
  expect((await later.send('GET', '/api/auth/me', { token: ada.accessToken })).status).toBe(200);
  await redis.quit();
});
