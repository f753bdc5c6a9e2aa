import { fuzz } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startRooms } from './support.ts';

test('no generated request makes a route of rooms fail or answer what its OpenAPI does not say', async () => {
  await using running = await startRooms({ env: { LOG_LEVEL: 'error' } });
  const ada = newId();
  const ids = [await running.create(ada), await running.create(newId())];

  const routes = await fuzz(running.service.app, {
    authorization: running.auth.authorization(ada),
    runs: 50,
    known: { id: ids, userId: [newId()] },
  });

  const reached = new Map(routes.map(({ method, path, statuses }) => [`${method} ${path}`, statuses]));
  expect(reached.get('GET /api/rooms')).toContain(200);
  expect(reached.get('POST /api/rooms')).toContain(201);
  expect(reached.get('GET /api/rooms/{id}')).toContain(200);
  expect(running.log.text).toBe('');
}, 240_000);
