import { outboxOf } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, type Running, startUsers } from './support.ts';

const [ada, grace, odd] = [newId(), newId(), newId()];
let users: Running;
beforeAll(async () => {
  users = await startUsers({ [ada]: 'Ada Lovelace', [grace]: 'Grace', [odd]: '<b>"& x' });
});
afterAll(() => users[Symbol.asyncDispose]());

const me = (as: string) => users.send('GET', '/api/users/me', { as });
const patch = (as: string, body: unknown, ifMatch?: string) =>
  users.send('PATCH', '/api/users/me', {
    as,
    body,
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
  });

test('my profile is there from the first moment, before any event came', async () => {
  const { status, body, headers } = await me(ada);
  expect([status, headers.etag]).toEqual([200, '"1"']);
  expect(body).toEqual({
    id: ada,
    name: 'Ada Lovelace',
    initials: 'AL',
    color: expect.stringMatching(/^#[0-9a-f]{6}$/),
    avatar: `/api/users/${ada}/avatar?v=1`,
    hasImage: false,
    language: null,
    timeZone: null,
    createdAt: '2026-01-01T00:00:00.000Z',
  });
});

test('whoever asks for a profile whose account is gone has to log in again', async () => {
  const { status, code } = await me(newId());
  expect([status, code]).toEqual([401, 'session-ended']);
});

test('I change what I name and nothing else, and read my own writes', async () => {
  const before = (await me(grace)).body;
  const changed = await patch(grace, { language: 'EN-gb', timeZone: 'Europe/Vienna', color: '#112233' });
  expect(changed.status).toBe(200);
  const now = { ...before, language: 'en-GB', timeZone: 'Europe/Vienna', color: '#112233' };
  expect(changed.body).toEqual({ ...now, avatar: `/api/users/${grace}/avatar?v=2` });
  expect((await me(grace)).body).toEqual(changed.body);
  const back = await patch(grace, { color: null, language: null });
  expect(back.body).toMatchObject({ color: before.color, language: null, timeZone: 'Europe/Vienna' });
});

test('of two changes of one version the second is refused', async () => {
  const { etag } = (await me(ada)).headers;
  expect((await patch(ada, { name: 'Ada' }, String(etag))).status).toBe(200);
  const second = await patch(ada, { name: 'Augusta' }, String(etag));
  expect([second.status, second.code]).toEqual([412, 'precondition-failed']);
  expect((await patch(ada, { name: 'Augusta' })).body.name).toBe('Augusta');
  expect((await patch(ada, { name: 'x' }, 'yesterday')).code).toBe('malformed-request');
});

test('of many changes of one version at the same moment one wins', async () => {
  const etag = String((await me(ada)).headers.etag);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => patch(ada, { name: `Ada ${index}` }, etag)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
});

test('others are told of a new name, and of nothing else', async () => {
  const redis = users.redis.connect();
  const told = async () => (await outboxOf(redis)).filter(({ data }) => JSON.stringify(data).includes(grace));
  await patch(grace, { color: '#000000' });
  await patch(grace, { name: 'Grace' });
  expect(await told()).toEqual([]);
  await patch(grace, { name: 'Grace Hopper' });
  expect(await told()).toEqual([
    { name: 'user.renamed', version: 1, data: { id: grace, name: 'Grace Hopper' } },
  ]);
  await redis.quit();
});

test('others see how I am shown, and not my language or time zone', async () => {
  await me(ada);
  const { body } = await users.send('GET', `/api/users/${ada}`, { as: grace });
  expect(Object.keys(body).sort()).toEqual(['avatar', 'color', 'id', 'initials', 'name']);
  expect((await users.send('GET', `/api/users/${newId()}`, { as: grace })).code).toBe('user-not-found');
});

test('several at once: in the order asked for, each once, without those that there are not', async () => {
  await me(ada);
  await me(grace);
  const ids = [grace, newId(), ada, grace].join(',');
  const { body } = await users.send('GET', `/api/users?ids=${ids}`, { as: ada });
  expect(body.users.map(({ id }: { id: string }) => id)).toEqual([grace, ada]);
});

test('a guest sees whom they meet, and has no profile; a stranger sees nothing', async () => {
  const options = { as: newId(), guest: true };
  expect((await users.send('GET', `/api/users/${ada}`, options)).status).toBe(200);
  expect((await users.send('GET', `/api/users?ids=${ada}`, options)).status).toBe(200);
  expect((await users.send('GET', '/api/users/me', options)).code).toBe('guests-not-allowed');
  expect((await users.send('PATCH', '/api/users/me', { ...options, body: { name: 'x' } })).status).toBe(403);
  for (const path of [`/api/users/${ada}`, `/api/users?ids=${ada}`, '/api/users/me']) {
    expect((await users.send('GET', path)).code).toBe('unauthenticated');
  }
});

test.each([
  ['nothing', {}],
  ['no body', undefined],
  ['an array', []],
  ['a blank name', { name: '  ' }],
  ['no name', { name: null }],
  ['a name over two lines', { name: 'a\nb' }],
  ['a long name', { name: 'x'.repeat(81) }],
  ['a colour by name', { color: 'red' }],
  ['a colour that is a program', { color: '#000000"/><script>' }],
  ['a language that is none', { language: 'english!' }],
  ['a language tag that cannot be', { language: 'en-x' }],
  ['a time zone that is none', { timeZone: 'Atlantis/Capital' }],
  ['a time zone that is a number', { timeZone: 5 }],
  ['a property of the store', { version: 7 }],
  ['the id of somebody else', { id: grace }],
  ['a prototype', '{"__proto__":{"name":"x"}}'],
])('%s changes nothing', async (_what, body) => {
  const before = (await me(ada)).body;
  const { status } = await patch(ada, body);
  expect(status === 400 || status === 422).toBe(true);
  expect((await me(ada)).body).toEqual(before);
});

test('while auth is away those who have a profile do not notice; a first visit has to wait', async () => {
  await using alone = await startUsers({ [ada]: 'Ada' });
  await alone.send('GET', '/api/users/me', { as: ada });
  await alone.issuer.close();
  expect((await alone.send('GET', '/api/users/me', { as: ada })).status).toBe(200);
  const first = await alone.send('GET', '/api/users/me', { as: grace });
  expect([first.status, first.code]).toEqual([503, 'dependency-unavailable']);
});

test('while auth hangs a first visit is refused in time; it succeeds when auth answers again', async () => {
  await using alone = await startUsers({ [ada]: 'Ada', [grace]: 'Grace' });
  alone.issuer.silent = true;
  const first = await alone.send('GET', '/api/users/me', { as: grace });
  expect([first.status, first.code]).toEqual([503, 'dependency-unavailable']);
  alone.issuer.silent = false;
  expect((await alone.send('GET', '/api/users/me', { as: grace })).body.name).toBe('Grace');
});
