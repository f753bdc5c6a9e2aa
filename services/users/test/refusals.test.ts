import { findUnrefused } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startUsers } from './support.ts';

test('every route of users refuses hostile tokens and bodies, and says why', async () => {
  const ada = newId();
  await using running = await startUsers({ [ada]: 'Ada' });
  const { privateKeyPem } = running.issuer;
  const authorization = running.issuer.authorization(ada);
  expect(await findUnrefused(running.service.app, { authorization, privateKeyPem })).toEqual([]);
});
