import { findUnrefused } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { startSearch } from './support.ts';

test('every route of search refuses hostile tokens and bodies, and says why', async () => {
  await using running = await startSearch();
  const { privateKeyPem } = running.issuer;
  const authorization = running.issuer.authorization('ada');
  expect(await findUnrefused(running.service.app, { authorization, privateKeyPem })).toEqual([]);
});
