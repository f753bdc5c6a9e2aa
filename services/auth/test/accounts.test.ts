import { outboxOf } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPasswords } from '../src/passwords.ts';
import { newPerson, nextNetwork, type Running, startAuth } from './support.ts';

let auth: Running;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

const register = (body: unknown) => auth.send('POST', '/api/auth/register', { body, from: nextNetwork() });
const login = (body: unknown, from = nextNetwork()) => auth.send('POST', '/api/auth/login', { body, from });

test('who registers is logged in at once, and can log in again', async () => {
  const person = newPerson();
  const { status, body, headers } = await register(person);
  expect(status).toBe(201);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).toEqual({
    accessToken: expect.any(String),
    expiresIn: 900,
    refreshToken: expect.any(String),
    user: expect.objectContaining({ id: expect.any(String), email: person.email, name: 'Ada' }),
  });
  const again = await login({ email: person.email, password: person.password });
  expect(again.status).toBe(200);
  expect(again.body.user).toEqual(body.user);
  const me = await auth.send('GET', '/api/auth/me', { token: again.body.accessToken });
  expect([me.status, me.body]).toEqual([200, body.user]);
});

test('nothing of a password is stored, logged or answered', async () => {
  const person = { ...newPerson(), password: 'the-only-such-password-ada' };
  const { body } = await register(person);
  await login({ email: person.email, password: person.password });
  expect(JSON.stringify(body)).not.toContain(person.password);
  expect(auth.log.text).not.toContain(person.password);
});

test('one address is one account, however its letters are written', async () => {
  const person = newPerson();
  await register(person);
  const second = await register({ ...person, email: person.email.toUpperCase() });
  expect([second.status, second.code]).toEqual([409, 'email-taken']);
  expect((await login({ email: person.email.toUpperCase(), password: person.password })).status).toBe(200);
});

test('the other services are told of an account once, and never of its password', async () => {
  const person = newPerson();
  const { body } = await register(person);
  await register(person);
  const redis = auth.redis.connect();
  const events = (await outboxOf(redis)).filter(({ data }) => JSON.stringify(data).includes(person.email));
  expect(events).toEqual([
    {
      name: 'user.registered',
      version: 1,
      data: { id: body.user.id, email: person.email, name: 'Ada', registeredAt: body.user.createdAt },
    },
  ]);
  await redis.quit();
});

test('of registrations at the same moment one wins', async () => {
  const person = newPerson();
  const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await register(person)).status));
  expect(statuses.sort()).toEqual([201, 409, 409, 409, 409, 409]);
});

test('a wrong password and an unknown address get the same answer', async () => {
  const { email } = await auth.register();
  const wrong = await login({ email, password: 'not the password' });
  const unknown = await login({ email: newPerson().email, password: 'not the password' });
  expect([wrong.status, wrong.code]).toEqual([401, 'wrong-credentials']);
  const same = ({ requestId: _, ...problem }: Record<string, unknown>) => problem;
  expect(same(wrong.body)).toEqual(same(unknown.body));
  const names = (answer: typeof wrong) => Object.keys(answer.headers).sort();
  expect(names(wrong)).toEqual(names(unknown));
});

test('a password that was hashed with weaker parameters is hashed again at the next log-in', async () => {
  const { id, email, password } = await auth.register();
  const redis = auth.redis.connect();
  const weak = await createPasswords({ m: 64, t: 1, p: 1 }).hash(password);
  await redis.hset(`account:${id}`, 'passwordHash', weak);
  expect((await login({ email, password })).status).toBe(200);
  expect(await redis.hget(`account:${id}`, 'passwordHash')).toContain('$m=19456,t=2,p=1$');
  expect((await login({ email, password })).status).toBe(200);
  await redis.quit();
});

test('the same password can be typed in more than one way', async () => {
  const person = { ...newPerson(), password: 'caf\u00e9 \u2460 au lait' };
  await register(person);
  const composed = await login({ email: person.email, password: 'cafe\u0301 1 au lait' });
  expect(composed.status).toBe(200);
});

test.each([
  ['no body', undefined, 422],
  ['a body that is not JSON', 'email=a', 400],
  ['an array', [], 422],
  ['no password', { email: 'a@example.org', name: 'A' }, 422],
  ['a short password', { email: 'a@example.org', password: '1234567', name: 'A' }, 422],
  ['a long password', { email: 'a@example.org', password: 'x'.repeat(129), name: 'A' }, 422],
  ['no address', { password: '12345678', name: 'A' }, 422],
  ['no mail address', { email: 'nobody', password: '12345678', name: 'A' }, 422],
  ['a long address', { email: `${'a'.repeat(250)}@example.org`, password: '12345678', name: 'A' }, 422],
  ['a blank name', { email: 'a@example.org', password: '12345678', name: ' \u00a0' }, 422],
  ['a name with control characters', { email: 'a@example.org', password: '12345678', name: 'A\u0000' }, 422],
  ['a name written backwards', { email: 'a@example.org', password: '12345678', name: '\u202eA' }, 422],
  ['a long name', { email: 'a@example.org', password: '12345678', name: 'x'.repeat(81) }, 422],
  ['numbers for texts', { email: 1, password: 2, name: 3 }, 422],
  ['an unknown property', { email: 'a@example.org', password: '12345678', name: 'A', admin: true }, 422],
  ['a key twice', '{"email":"a@example.org","email":"b@example.org"}', 400],
  ['a prototype', '{"__proto__":{"admin":true}}', 400],
  ['too much', { email: 'a@example.org', password: 'x'.repeat(70_000), name: 'A' }, 413],
])('%s opens no account', async (_what, body, status) => {
  const answer = await register(body);
  expect([answer.status, answer.headers['content-type']]).toEqual([
    status,
    'application/problem+json; charset=utf-8',
  ]);
});

test('an address that looks like a key of the store is an address', async () => {
  const odd = { ...newPerson(), email: '*{}@example.org' };
  expect((await register(odd)).status).toBe(201);
  expect((await login({ email: odd.email, password: odd.password })).status).toBe(200);
});
