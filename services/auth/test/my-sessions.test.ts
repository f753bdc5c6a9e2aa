import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextNetwork, type Person, type Running, startAuth } from './support.ts';

let auth: Running;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

async function login({ email, password }: Person): Promise<{ accessToken: string; refreshToken: string }> {
  return (await auth.send('POST', '/api/auth/login', { body: { email, password }, from: nextNetwork() }))
    .body;
}

const list = (token: string) => auth.send('GET', '/api/auth/sessions', { token });
const isOpen = async ({ accessToken }: { accessToken: string }) =>
  (await auth.send('GET', '/api/auth/me', { token: accessToken })).status === 200;
const changePassword = (token: string, body: unknown) =>
  auth.send('PUT', '/api/auth/me/password', { token, body, from: nextNetwork() });

test('I see where I am logged in, and nobody else sees it', async () => {
  const ada = await auth.register();
  const second = await login(ada);
  const { body } = await list(second.accessToken);
  expect(body.sessions.map(({ current }: { current: boolean }) => current).sort()).toEqual([false, true]);
  expect(body.sessions[0]).toEqual({
    id: expect.any(String),
    current: expect.any(Boolean),
    openedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    usedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    agent: 'lightMyRequest',
  });
  const grace = await auth.register();
  expect((await list(grace.accessToken)).body.sessions).toHaveLength(1);
});

test('I end one of my sessions, and none of anybody else', async () => {
  const [ada, grace] = [await auth.register(), await auth.register()];
  const second = await login(ada);
  const sessions: { id: string; current: boolean }[] = (await list(second.accessToken)).body.sessions;
  const first = sessions.find(({ current }) => !current)?.id;
  const end = (token: string) => auth.send('DELETE', `/api/auth/sessions/${first}`, { token });
  expect((await end(grace.accessToken)).status).toBe(204);
  expect(await isOpen(ada)).toBe(true);
  expect((await end(second.accessToken)).status).toBe(204);
  expect([await isOpen(ada), await isOpen(second)]).toEqual([false, true]);
});

test('I log out everywhere else, then everywhere', async () => {
  const ada = await auth.register();
  const [second, third] = [await login(ada), await login(ada)];
  const out = (query: string) =>
    auth.send('DELETE', `/api/auth/sessions${query}`, { token: second.accessToken });
  expect((await out('?others=true')).status).toBe(204);
  expect([await isOpen(ada), await isOpen(second), await isOpen(third)]).toEqual([false, true, false]);
  expect((await out('')).status).toBe(204);
  expect(await isOpen(second)).toBe(false);
  expect((await out('')).code).toBe('session-ended');
});

test('of very many sessions the oldest ends', async () => {
  const ada = await auth.register();
  const redis = auth.redis.connect();
  const [first] = await redis.zrange(`sessions-of:${ada.id}`, '0', '0');
  for (let filler = 0; filler < 99; filler++) {
    await redis.zadd(`sessions-of:${ada.id}`, Date.now() * 2, `filler-${filler}`);
  }
  expect(await isOpen(ada)).toBe(true);
  const next = await login(ada);
  expect(await redis.exists(`session:${first}`)).toBe(0);
  expect([await isOpen(ada), await isOpen(next)]).toEqual([false, true]);
  await redis.quit();
});

test('a new password ends the other sessions; the old one no longer works', async () => {
  const ada = await auth.register();
  const second = await login(ada);
  const newPassword = 'another horse battery';
  expect((await changePassword(ada.accessToken, { password: ada.password, newPassword })).status).toBe(204);
  expect([await isOpen(ada), await isOpen(second)]).toEqual([true, false]);
  const old = await auth.send('POST', '/api/auth/login', {
    body: { email: ada.email, password: ada.password },
  });
  expect(old.code).toBe('wrong-credentials');
  expect(await isOpen(await login({ ...ada, password: newPassword }))).toBe(true);
});

test('whoever does not know the password cannot change it, or guess it by trying to', async () => {
  const ada = await auth.register();
  const from = nextNetwork();
  const guess = () =>
    auth.send('PUT', '/api/auth/me/password', {
      token: ada.accessToken,
      body: { password: 'a guess', newPassword: 'another horse battery' },
      from,
    });
  const codes: (string | undefined)[] = [];
  for (let attempt = 0; attempt < 11; attempt++) codes.push((await guess()).code);
  expect(codes).toEqual([...Array(10).fill('wrong-password'), 'too-many-requests']);
  expect(await isOpen(await login(ada))).toBe(true);
});

test('a short new password is refused', async () => {
  const ada = await auth.register();
  const answer = await changePassword(ada.accessToken, { password: ada.password, newPassword: '1234567' });
  expect(answer.code).toBe('invalid-request');
});
