import { expect, test } from 'vitest';
import { createTokenIssuer, findUnrefused } from '../src/testing/index.ts';
import { startDemo } from './support/demo.ts';

test('what a route takes that none may take is found', async () => {
  await using demo = await startDemo();
  const options = {
    authorization: demo.issuer.authorization('ada'),
    privateKeyPem: demo.issuer.privateKeyPem,
  };
  expect(await findUnrefused(demo.app, options)).toEqual([]);
  // The route takes as much, and refuses it for another reason.
  expect(await findUnrefused(demo.app, { ...options, tooLarge: 10 })).toEqual([
    expect.stringMatching(/^POST .api.demo.things.{id}, too large: 422 .*, not body-too-large$/),
  ]);
  // Another issuer's tokens are all invalid, also the one that has expired.
  const { privateKeyPem } = createTokenIssuer();
  expect(await findUnrefused(demo.app, { ...options, privateKeyPem })).toEqual([
    expect.stringMatching(/^GET .api.demo.me, a token: expired: 401 .*, not expired-token$/),
  ]);
});
