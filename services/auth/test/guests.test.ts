import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextNetwork, type Running, startAuth } from './support.ts';

let auth: Running;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

const enter = (body: unknown, from = nextNetwork()) => auth.send('POST', '/api/auth/guests', { body, from });

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('a guest gets tokens that say so, and the next ones say it, too', async () => {
  const { status, body } = await enter({ name: 'Zoë 🦊' });
  expect([status, body.user]).toEqual([201, { id: expect.any(String), name: 'Zoë 🦊' }]);
  expect(claimsOf(body.accessToken)).toMatchObject({ sub: body.user.id, guest: 'Zoë 🦊' });
  const next = await auth.send('POST', '/api/auth/refresh', { body: { refreshToken: body.refreshToken } });
  expect(claimsOf(next.body.accessToken)).toMatchObject({ sub: body.user.id, guest: 'Zoë 🦊' });
  const lasts = await auth.send('GET', '/internal/auth/session', { token: next.body.accessToken });
  expect(lasts.body.userId).toBe(body.user.id);
});

test('guests of the same name are different people', async () => {
  const ids = [await enter({ name: 'Ada' }), await enter({ name: 'Ada' })].map(({ body }) => body.user.id);
  expect(new Set(ids).size).toBe(2);
});

test('a guest has no account to look at or change', async () => {
  const { accessToken } = (await enter({ name: 'Ada' })).body;
  for (const [method, path] of [
    ['GET', '/api/auth/me'],
    ['GET', '/api/auth/sessions'],
    ['DELETE', '/api/auth/sessions'],
  ] as const) {
    expect((await auth.send(method, path, { token: accessToken })).code).toBe('guests-not-allowed');
  }
});

test('a guest who leaves is gone', async () => {
  const { accessToken, refreshToken } = (await enter({ name: 'Ada' })).body;
  await auth.send('POST', '/api/auth/logout', { body: { refreshToken } });
  expect((await auth.send('GET', '/internal/auth/session', { token: accessToken })).code).toBe(
    'session-ended',
  );
});

test.each([[{}], [{ name: '' }], [{ name: '\n' }], [{ name: 'x'.repeat(81) }], [{ name: 'A', id: 'x' }]])(
  '%j is no guest',
  async (body) => {
    expect((await enter(body)).status).toBe(422);
  },
);

test('one machine cannot make guests without end', async () => {
  const network = nextNetwork();
  const statuses = await Promise.all(
    Array.from({ length: 210 }, async () => (await enter({ name: 'Ada' }, network)).status),
  );
  expect(statuses.filter((status) => status === 201)).toHaveLength(200);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});
