import { fuzz } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newPerson, startAuth } from './support.ts';

test('no generated request makes a route of auth fail or answer what its OpenAPI does not say', async () => {
  await using running = await startAuth({ env: { LOG_LEVEL: 'error' } });
  const { app } = running.service;
  const { accessToken } = (
    await app.inject({ method: 'POST', url: '/api/auth/register', payload: newPerson() })
  ).json();

  const routes = await fuzz(app, { authorization: `Bearer ${accessToken}`, runs: 60 });

  const reached = new Map(routes.map(({ method, path, statuses }) => [`${method} ${path}`, statuses]));
  expect(reached.get('GET /api/auth/me')).toContain(200);
  expect(reached.get('POST /api/auth/logout')).toContain(204);
  expect(reached.get('POST /api/auth/login')).toContain(401);
  expect(running.log.text).toBe('');
});
