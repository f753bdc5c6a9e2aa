import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPerson, nextNetwork, type Running, startAuth } from './support.ts';

let auth: Running;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

const login = (email: string, password: string, from: string) =>
  auth.send('POST', '/api/auth/login', { body: { email, password }, from });

async function fail(times: number, email: (attempt: number) => string, from: (attempt: number) => string) {
  const statuses = new Set<number>();
  for (let attempt = 0; attempt < times; attempt++) {
    statuses.add((await login(email(attempt), 'a wrong password', from(attempt))).status);
  }
  return [...statuses];
}

test('who guesses the password of one account has to wait; the owner elsewhere has not', async () => {
  const { email, password } = await auth.register();
  const network = nextNetwork();
  expect(
    await fail(
      10,
      () => email,
      () => network,
    ),
  ).toEqual([401]);
  const refused = await login(email, password, network);
  expect([refused.status, refused.code]).toEqual([429, 'too-many-requests']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await login(email, password, nextNetwork())).status).toBe(200);
});

test('guesses at the same moment cannot slip through together', async () => {
  const { email } = await auth.register();
  const network = nextNetwork();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => login(email, 'a wrong password', network)),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
});

test('how many accounts and guests an hour brings from one network is a setting', async () => {
  await using strict = await startAuth({ env: { REGISTRATIONS_PER_HOUR: '1', GUESTS_PER_HOUR: '2' } });
  const from = nextNetwork();
  const register = async () =>
    (await strict.send('POST', '/api/auth/register', { body: newPerson(), from })).status;
  const enter = async () =>
    (await strict.send('POST', '/api/auth/guests', { body: { name: 'Ada' }, from })).status;
  expect([await register(), await register()]).toEqual([201, 429]);
  expect([await enter(), await enter(), await enter()]).toEqual([201, 201, 429]);
});

test('successes do not count', async () => {
  const { email, password } = await auth.register();
  const network = nextNetwork();
  for (let attempt = 0; attempt < 12; attempt++) {
    expect((await login(email, password, network)).status).toBe(200);
  }
});

test('one machine cannot try many accounts', async () => {
  const network = nextNetwork();
  expect(
    await fail(
      50,
      () => newPerson().email,
      () => network,
    ),
  ).toEqual([401]);
  expect((await login(newPerson().email, 'a wrong password', network)).status).toBe(429);
});

test('many machines cannot lock the owner out where the owner has logged in before', async () => {
  const { email, password } = await auth.register();
  const home = nextNetwork();
  expect((await login(email, password, home)).status).toBe(200);
  expect(await fail(100, () => email, nextNetwork)).toEqual([401]);
  expect((await login(email, password, nextNetwork())).status).toBe(429);
  expect((await login(email, password, home)).status).toBe(200);
  const redis = auth.redis.connect();
  expect((await redis.keys('*')).join()).not.toContain(home);
  await redis.quit();
});

test('the addresses of one IPv6 network are one machine', async () => {
  const { email, password } = await auth.register();
  await fail(
    10,
    () => email,
    (attempt) => `2001:db8:9:9::${attempt + 1}`,
  );
  expect((await login(email, password, '2001:db8:9:9:ffff::1')).status).toBe(429);
});

test('one machine cannot open accounts, or ask which there are, without end', async () => {
  const network = nextNetwork();
  const open = () => auth.send('POST', '/api/auth/register', { body: newPerson(), from: network });
  for (let account = 0; account < 20; account++) expect((await open()).status).toBe(201);
  expect((await open()).code).toBe('too-many-requests');
});
