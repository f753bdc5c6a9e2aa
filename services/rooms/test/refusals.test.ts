import { findUnrefused } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startRooms } from './support.ts';

test('every route of rooms refuses hostile tokens and bodies, and says why', async () => {
  await using running = await startRooms();
  const { privateKeyPem } = running.auth;
  const authorization = running.auth.authorization(newId());
  expect(await findUnrefused(running.service.app, { authorization, privateKeyPem })).toEqual([]);
});
