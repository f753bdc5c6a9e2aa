import { findUnrefused } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { startAuth } from './support.ts';

test('every route of auth refuses hostile tokens and bodies, and says why', async () => {
  await using running = await startAuth();
  const { accessToken } = await running.register();
  const { privateKeyPem } = running;
  const authorization = `Bearer ${accessToken}`;
  expect(await findUnrefused(running.service.app, { authorization, privateKeyPem })).toEqual([]);
});
