import { afterAll, beforeAll, expect, test } from 'vitest';
import { colorOf, initialsOf } from '../src/avatar.ts';
import { newId, type Running, startUsers } from './support.ts';

const [ada, odd] = [newId(), newId()];
let users: Running;
beforeAll(async () => {
  users = await startUsers({ [ada]: 'Ada Lovelace', [odd]: '<script>' });
});
afterAll(() => users[Symbol.asyncDispose]());

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(100, 7)]);
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(100)]);
const WEBP = Buffer.concat([Buffer.from('RIFF0000WEBP'), Buffer.alloc(100)]);

const put = (bytes: Buffer | string) =>
  users.send('PUT', '/api/users/me/avatar', {
    as: ada,
    body: { image: typeof bytes === 'string' ? bytes : bytes.toString('base64') },
  });
const get = (id: string, headers: Record<string, string> = {}) =>
  users.send('GET', `/api/users/${id}/avatar`, { headers });

test('without an image the picture is the initials, for everybody who knows the id', async () => {
  await users.send('GET', '/api/users/me', { as: ada });
  const { status, headers, bytes } = await get(ada);
  expect([status, headers['content-type']]).toEqual([200, 'image/svg+xml']);
  expect(headers['content-security-policy']).toBe("default-src 'none'; sandbox");
  expect(bytes.toString()).toContain('>AL</text>');
  expect((await get(newId())).code).toBe('user-not-found');
});

test('a name is text in the picture, never markup', async () => {
  await users.send('PATCH', '/api/users/me', { as: odd, body: { name: '"<' } });
  expect((await get(odd)).bytes.toString()).toContain('>&#60;</text>');
});

test.each([
  ['image/png', PNG],
  ['image/jpeg', JPEG],
  ['image/webp', WEBP],
])('an image is given back as it came: %s', async (type, bytes) => {
  const { status, body } = await put(bytes);
  expect([status, body.hasImage]).toEqual([200, true]);
  const picture = await get(ada);
  expect(picture.headers).toMatchObject({ 'content-type': type, 'x-content-type-options': 'nosniff' });
  expect(picture.bytes.equals(bytes)).toBe(true);
});

test('the path of the picture changes with it, and an unchanged one is not sent again', async () => {
  const before = (await put(PNG)).body.avatar;
  const first = await get(ada);
  const again = await get(ada, { 'if-none-match': `W/${first.headers.etag}` });
  expect([again.status, again.bytes.length]).toEqual([304, 0]);
  const after = (await put(JPEG)).body.avatar;
  expect(after).not.toBe(before);
  expect((await get(ada, { 'if-none-match': String(first.headers.etag) })).status).toBe(200);
  expect((await users.send('GET', after)).headers['content-type']).toBe('image/jpeg');
});

test('the image can be taken away', async () => {
  await put(PNG);
  expect((await users.send('DELETE', '/api/users/me/avatar', { as: ada })).status).toBe(204);
  expect((await users.send('DELETE', '/api/users/me/avatar', { as: ada })).status).toBe(204);
  expect((await get(ada)).headers['content-type']).toBe('image/svg+xml');
});

test.each([
  ['a drawing with a program', Buffer.from('<svg onload="alert(1)"/>'), 422, 'not-an-image'],
  ['a page', Buffer.from('<!doctype html>'), 422, 'not-an-image'],
  ['the beginning of an image', PNG.subarray(0, 4), 422, 'not-an-image'],
  ['more than 16 KiB', Buffer.concat([PNG, Buffer.alloc(16_384)]), 422, 'image-too-large'],
  ['far more', Buffer.concat([PNG, Buffer.alloc(30_000)]), 422, 'invalid-request'],
  ['more than any body', Buffer.alloc(100_000), 413, 'body-too-large'],
  ['text that is no base64', 'not base64!', 422, 'invalid-request'],
  ['nothing', '', 422, 'invalid-request'],
])('%s is no image', async (_what, bytes, status, code) => {
  const answer = await put(bytes);
  expect([answer.status, answer.code]).toEqual([status, code]);
});

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Jean-Luc van den Berg', 'JB'],
  ['  Zoë  ', 'Z'],
  ['e\u0301mile zola', 'E\u0301Z'],
  ['👩‍🚀 Sally', '👩‍🚀S'],
  ['李 小龙', '李小'],
  ['...', '.'],
])('the initials of %s are %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('the colour of an id is always the same', () => {
  expect(colorOf('x')).toBe(colorOf('x'));
  expect(new Set(Array.from({ length: 200 }, (_, index) => colorOf(String(index)))).size).toBe(12);
});
