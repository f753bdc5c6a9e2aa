import { fuzz } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startPresence } from './support.ts';

test('no generated request makes a route of presence fail or answer what its OpenAPI does not say', async () => {
  await using presence = await startPresence(undefined, { LOG_LEVEL: 'error' });
  const routes = await fuzz(presence.service.app, {
    authorization: presence.issuer.authorization(newId()),
    runs: 60,
  });
  const reached = new Map(routes.map(({ method, path, statuses }) => [`${method} ${path}`, statuses]));
  expect(reached.get('PUT /api/presence/me')).toContain(200);
  expect(reached.get('DELETE /api/presence/me')).toContain(204);
  expect(reached.get('GET /api/presence')).toContain(200);
  expect(presence.log.text).toBe('');
}, 120_000);
