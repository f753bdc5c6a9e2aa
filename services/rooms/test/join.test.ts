import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, type Running, startRooms } from './support.ts';

let rooms: Running;
beforeAll(async () => {
  rooms = await startRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());

const join = (id: string, as: string, options: { guest?: string; body?: unknown } = {}) =>
  rooms.send('POST', `/api/rooms/${id}/join`, { as, ...options });
const EVERYTHING = ['receive', 'send', 'share-screen', 'chat'];

test('a grant names the room, who, what, and until when; the published keys verify it', async () => {
  const ada = newId();
  const id = await rooms.create(ada);
  const { status, body, headers } = await join(id, ada);
  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  const [header = '', payload = '', signature = ''] = body.grant.split('.');
  const { keys } = (await rooms.send('GET', '/api/rooms/.well-known/jwks.json')).body;
  const key = createPublicKey({ key: keys[0], format: 'jwk' });
  expect(
    verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')),
  ).toBe(true);
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    alg: 'RS256',
    typ: 'grant+jwt',
    kid: keys[0].kid,
  });
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  expect(claims).toEqual({
    room: id,
    role: 'moderator',
    permissions: [...EVERYTHING, 'moderate'],
    name: `Name of ${ada}`,
    iss: 'tandem/rooms',
    aud: 'tandem/call',
    sub: ada,
    iat: expect.any(Number),
    exp: claims.iat + 120,
  });
});

test('a grant is no access token, and an access token no grant', async () => {
  const ada = newId();
  const { grant } = (await join(await rooms.create(ada), ada)).body;
  const answer = await rooms.service.app.inject({
    url: '/api/rooms',
    headers: { authorization: `Bearer ${grant}` },
  });
  expect(answer.json().code).toBe('invalid-token');
});

test('participants get what the settings name, and nothing else', async () => {
  const ada = newId();
  const id = await rooms.create(ada, { settings: { participantsMay: ['chat'] } });
  const { body } = await join(id, newId());
  expect([body.role, body.permissions]).toEqual(['participant', ['receive', 'chat']]);
});

test.each(['lobby', 'invited'])('whoever was inside comes back after the door became %s', async (entry) => {
  const ada = newId();
  const [inside, refused, outside] = [newId(), newId(), newId()];
  const id = await rooms.create(ada);
  for (const user of [inside, refused]) expect((await join(id, user)).body.role).toBe('participant');
  await rooms.send('PATCH', `/api/rooms/${id}`, { as: ada, body: { settings: { entry } } });
  await rooms.send('DELETE', `/api/rooms/${id}/admissions/${refused}`, { as: ada });

  expect((await join(id, inside)).body.role).toBe('participant');
  expect(await join(id, refused)).toMatchObject({ status: 403, code: 'refused' });
  const other = await join(id, outside);
  expect(entry === 'lobby' ? other.body.role : other.code).toBe(entry === 'lobby' ? 'lobby' : 'not-invited');
});

test('whoever was inside by an invitation stays outside when it has been taken back', async () => {
  const ada = newId();
  const guest = newId();
  const id = await rooms.create(ada, { settings: { entry: 'invited' } });
  const path = `/api/rooms/${id}/invitations`;
  const invitation = (await rooms.send('POST', path, { as: ada, body: { email: 'grace@example.org' } })).body;
  const body = { code: invitation.code };
  expect((await join(id, guest, { body })).body.role).toBe('participant');
  await rooms.send('DELETE', `${path}/${invitation.id}`, { as: ada });
  expect((await join(id, guest, { body })).code).toBe('not-invited');
});

test('a guest enters under the given name, where guests may', async () => {
  const ada = newId();
  const open = await rooms.create(ada);
  const { body } = await join(open, newId(), { guest: 'Zoë' });
  expect(body).toMatchObject({ role: 'participant', permissions: EVERYTHING });
  const claims = JSON.parse(Buffer.from(body.grant.split('.')[1], 'base64url').toString());
  expect(claims.name).toBe('Zoë');
  const members = await rooms.create(ada, { settings: { guests: false } });
  const refused = await join(members, newId(), { guest: 'Zoë' });
  expect([refused.status, refused.code]).toEqual([403, 'guests-not-welcome']);
  expect((await join(members, newId())).body.role).toBe('participant');
});

test('in the lobby one may do nothing until a moderator has decided', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada, { settings: { entry: 'lobby' } });
  const waiting = await join(id, grace);
  expect([waiting.body.role, waiting.body.permissions]).toEqual(['lobby', []]);
  await join(id, newId(), { guest: 'Zoë' });
  const lobby = (as: string) => rooms.send('GET', `/api/rooms/${id}/lobby`, { as });
  expect((await lobby(grace)).code).toBe('not-moderator');
  expect((await lobby(ada)).body.waiting).toEqual([
    { userId: grace, name: `Name of ${grace}` },
    { userId: expect.any(String), name: 'Zoë' },
  ]);

  const admission = `/api/rooms/${id}/admissions/${grace}`;
  expect((await rooms.send('PUT', admission, { as: grace })).code).toBe('not-moderator');
  expect((await rooms.send('PUT', admission, { as: ada })).status).toBe(204);
  expect((await join(id, grace)).body.role).toBe('participant');
  expect((await lobby(ada)).body.waiting).toHaveLength(1);

  expect((await rooms.send('DELETE', admission, { as: ada })).status).toBe(204);
  expect((await join(id, grace)).code).toBe('refused');
  await rooms.send('PUT', admission, { as: ada });
  expect((await join(id, grace)).body.role).toBe('participant');
});

test('who is not heard of for a minute has left the lobby', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada, { settings: { entry: 'lobby' } });
  await join(id, grace);
  const redis = rooms.redis.connect();
  await redis.zadd(`room:${id}:lobby`, Date.now() - 61_000, grace);
  expect((await rooms.send('GET', `/api/rooms/${id}/lobby`, { as: ada })).body.waiting).toEqual([]);
  await join(id, newId());
  expect(await redis.hkeys(`room:${id}:lobby-names`)).not.toContain(grace);
  await redis.quit();
});

test('a lobby takes only so many', async () => {
  const id = await rooms.create(newId(), { settings: { entry: 'lobby' } });
  const redis = rooms.redis.connect();
  const waiting = Array.from({ length: 500 }, (_, index) => [Date.now(), `waiting-${index}`]).flat();
  await redis.zadd(`room:${id}:lobby`, ...waiting.map(String));
  expect((await join(id, newId())).code).toBe('too-many-members');
  await redis.quit();
});

test('only who was invited enters where only they may', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada, { settings: { entry: 'invited' } });
  expect((await join(id, grace)).code).toBe('not-invited');
  await rooms.send('POST', `/api/rooms/${id}/invitations`, { as: ada, body: { userId: grace } });
  expect((await join(id, grace)).body.role).toBe('participant');
  expect((await join(id, newId(), { guest: 'Zoë' })).code).toBe('not-invited');
});

test('a moderator does not wait, and is one no longer when the owner says so', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada, { settings: { entry: 'lobby' } });
  await rooms.send('PUT', `/api/rooms/${id}/moderators/${grace}`, { as: ada });
  expect((await join(id, grace)).body.role).toBe('moderator');
  await rooms.send('DELETE', `/api/rooms/${id}/moderators/${grace}`, { as: ada });
  expect((await join(id, grace)).body.role).toBe('lobby');
});

test('whose session has ended gets no grant, though the token is still valid', async () => {
  const ada = newId();
  const id = await rooms.create(ada);
  rooms.loggedOut.add(ada);
  const refused = await join(id, ada);
  expect([refused.status, refused.code]).toEqual([401, 'session-ended']);
});

test('while auth and users are away calls can be joined, without a name', async () => {
  await using alone = await startRooms();
  const ada = newId();
  const id = await alone.create(ada);
  await Promise.all([alone.auth.close(), alone.users.close()]);
  const { status, body } = await alone.send('POST', `/api/rooms/${id}/join`, { as: ada });
  expect([status, body.role]).toEqual([200, 'moderator']);
  expect(JSON.parse(Buffer.from(body.grant.split('.')[1], 'base64url').toString()).name).toBeUndefined();
  expect(alone.log.text).toContain('the token is believed');
});

test('while auth and users hang calls can be joined, without a name; with it when they answer again', async () => {
  await using alone = await startRooms();
  const ada = newId();
  const id = await alone.create(ada);
  const joined = async () => {
    const { status, body } = await alone.send('POST', `/api/rooms/${id}/join`, { as: ada });
    expect(status).toBe(200);
    return JSON.parse(Buffer.from(body.grant.split('.')[1], 'base64url').toString()).name;
  };
  for (const other of [alone.auth, alone.users]) other.silent = true;
  expect(await joined()).toBeUndefined();
  for (const other of [alone.auth, alone.users]) other.silent = false;
  expect(await joined()).toBe(`Name of ${ada}`);
});

test('nobody joins a room that is not there, or without saying who they are', async () => {
  expect((await join(newId(), newId())).code).toBe('room-not-found');
  expect((await rooms.send('POST', `/api/rooms/${newId()}/join`)).code).toBe('unauthenticated');
  expect((await join('x', newId())).code).toBe('invalid-request');
});

test.each([[{ code: 'x' }], [{ code: 1 }], [[]], [{ role: 'moderator' }], ['"moderator"']])(
  'the body %j opens nothing',
  async (body) => {
    expect((await join(await rooms.create(newId()), newId(), { body })).code).toBe('invalid-request');
  },
);
