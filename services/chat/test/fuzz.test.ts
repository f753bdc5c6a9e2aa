import { fuzz } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { startChat } from './support.ts';

test('no generated request makes a route of chat fail or answer what its OpenAPI does not say', async () => {
  await using chat = await startChat({ LOG_LEVEL: 'error' });
  const [service] = chat.services;
  if (service === undefined) throw new Error('no instance');
  const cursor = (await chat.write('ada', 'Hello')).body.cursor;

  const routes = await fuzz(service.app, {
    authorization: chat.grant('ada'),
    runs: 60,
    known: { upTo: [cursor], before: [cursor] },
  });

  const reached = new Map(routes.map(({ method, path, statuses }) => [`${method} ${path}`, statuses]));
  expect(reached.get('GET /api/chat/messages')).toContain(200);
  expect(reached.get('PUT /api/chat/read')).toContain(204);
  expect(chat.log.text).toBe('');
}, 240_000);
