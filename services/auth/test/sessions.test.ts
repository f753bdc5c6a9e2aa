import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, startAuth } from './support.ts';

let auth: Running;
let other: Running;
beforeAll(async () => {
  auth = await startAuth();
  other = await startAuth({ beside: auth });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await auth[Symbol.asyncDispose]();
});

const refresh = (refreshToken: unknown, instance = auth) =>
  instance.send('POST', '/api/auth/refresh', { body: { refreshToken } });
const me = (token: string) => auth.send('GET', '/api/auth/me', { token });

test('a refresh token gives new tokens, on any instance', async () => {
  const first = await auth.register();
  const { status, body, headers } = await refresh(first.refreshToken, other);
  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  expect(body.refreshToken).not.toBe(first.refreshToken);
  expect((await me(body.accessToken)).body.id).toBe(first.id);
  expect((await refresh(body.refreshToken)).status).toBe(200);
});

test('the answer that was lost on the way can be asked for again', async () => {
  const { refreshToken } = await auth.register();
  const [lost, again] = [await refresh(refreshToken), await refresh(refreshToken, other)];
  expect(again.status).toBe(200);
  expect(again.body.refreshToken).toBe(lost.body.refreshToken);
});

test('of many that exchange one token at the same moment all get the same next one', async () => {
  const { refreshToken } = await auth.register();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => refresh(refreshToken, index % 2 === 0 ? auth : other)),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
});

test('a token of two exchanges ago was stolen: the session ends for everybody', async () => {
  const stolen = await auth.register();
  const second = (await refresh(stolen.refreshToken)).body.refreshToken;
  const third = (await refresh(second)).body;
  const thief = await refresh(stolen.refreshToken);
  expect([thief.status, thief.code]).toEqual([401, 'session-ended']);
  expect((await refresh(third.refreshToken)).code).toBe('session-ended');
  expect((await me(third.accessToken)).code).toBe('session-ended');
  expect(auth.log.text).toContain('a used refresh token came back');
  expect(auth.log.text).not.toContain(stolen.refreshToken);
});

test('a secret that was never given out ends the session it guesses at', async () => {
  const { refreshToken } = await auth.register();
  const guessed = `${refreshToken.split('.')[0]}.${'A'.repeat(43)}`;
  expect((await refresh(guessed)).code).toBe('session-ended');
  expect((await refresh(refreshToken)).code).toBe('session-ended');
});

test('whoever logs out is out, and may do so again', async () => {
  const { refreshToken, accessToken } = await auth.register();
  const logout = () => auth.send('POST', '/api/auth/logout', { body: { refreshToken } });
  expect((await logout()).status).toBe(204);
  expect((await logout()).status).toBe(204);
  expect((await refresh(refreshToken)).code).toBe('session-ended');
  expect((await me(accessToken)).code).toBe('session-ended');
});

test('the other services are told whether a session lasts', async () => {
  const { id, accessToken, refreshToken } = await auth.register();
  const ask = () => other.send('GET', '/internal/auth/session', { token: accessToken });
  expect((await ask()).body).toEqual({ userId: id, sessionId: expect.any(String) });
  await auth.send('POST', '/api/auth/logout', { body: { refreshToken } });
  expect((await ask()).code).toBe('session-ended');
});

test.each([
  ['nothing', undefined],
  ['a number', 1],
  ['an empty text', ''],
  ['a text without a dot', 'x'.repeat(66)],
  ['one character too many', `${'a'.repeat(22)}.${'b'.repeat(44)}`],
  ['a line break at the end', `${'a'.repeat(22)}.${'b'.repeat(43)}\n`],
  ['an object', { toString: 'x' }],
])('%s is no refresh token', async (_what, refreshToken) => {
  expect((await refresh(refreshToken)).status).toBe(422);
  expect((await auth.send('POST', '/api/auth/logout', { body: { refreshToken } })).status).toBe(422);
});

test('a session of nobody has ended', async () => {
  expect((await refresh(`${'a'.repeat(22)}.${'b'.repeat(43)}`)).code).toBe('session-ended');
});
