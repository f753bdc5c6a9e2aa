import { fuzz } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startUsers } from './support.ts';

test('no generated request makes a route of users fail or answer what its OpenAPI does not say', async () => {
  const ada = newId();
  await using running = await startUsers({ [ada]: 'Ada' }, { LOG_LEVEL: 'error' });
  await running.send('GET', '/api/users/me', { as: ada });

  const routes = await fuzz(running.service.app, {
    authorization: running.issuer.authorization(ada),
    runs: 60,
    known: { id: [ada] },
  });

  const reached = new Map(routes.map(({ method, path, statuses }) => [`${method} ${path}`, statuses]));
  expect(reached.get('GET /api/users/me')).toContain(200);
  expect(reached.get('PATCH /api/users/me')).toContain(200);
  expect(reached.get('GET /api/users/{id}')).toContain(200);
  expect(reached.get('GET /api/users/{id}/avatar')).toContain(200);
  expect(reached.get('GET /api/users')).toContain(200);
  expect(running.log.text).toBe('');
}, 120_000);
