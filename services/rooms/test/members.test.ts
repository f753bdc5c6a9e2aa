import { outboxOf } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, type Running, startRooms } from './support.ts';

let rooms: Running;
beforeAll(async () => {
  rooms = await startRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());

const invite = (id: string, as: string, body: unknown, headers: Record<string, string> = {}) =>
  rooms.send('POST', `/api/rooms/${id}/invitations`, { as, body, headers });
const invitations = async (id: string, as: string) =>
  (await rooms.send('GET', `/api/rooms/${id}/invitations`, { as })).body.invitations;
const listOf = async (as: string) => (await rooms.send('GET', '/api/rooms', { as })).body.rooms;

async function eventsOf(roomId: string, name: string) {
  const redis = rooms.redis.connect();
  const events = (await outboxOf(redis)).filter(
    (event) => event.name === name && JSON.stringify(event.data).includes(roomId),
  );
  await redis.quit();
  return events.map(({ data }) => data);
}

test('a user who is invited finds the room, and others are told', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada, { startsAt: '2099-01-01T10:00:00Z', minutes: 30 });
  const { status, body, headers } = await invite(id, ada, { userId: grace });
  expect([status, headers.location]).toEqual([201, `/api/rooms/${id}/invitations/${body.id}`]);
  expect(body).toEqual({
    id: expect.any(String),
    userId: grace,
    email: null,
    invitedBy: ada,
    createdAt: expect.any(String),
    code: null,
  });
  expect(await listOf(grace)).toEqual([expect.objectContaining({ id, mine: false })]);
  expect((await rooms.send('GET', '/api/rooms?upcoming=true', { as: grace })).body.rooms).toHaveLength(1);
  expect(await eventsOf(id, 'room.invited')).toEqual([
    {
      roomId: id,
      roomName: 'Standup',
      invitationId: body.id,
      inviterId: ada,
      inviterName: `Name of ${ada}`,
      userId: grace,
      email: null,
      code: null,
      startsAt: '2099-01-01T10:00:00.000Z',
      minutes: 30,
    },
  ]);
});

test('when the time changes, it changes for those who were invited', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada);
  await invite(id, ada, { userId: grace });
  const upcoming = async () =>
    (await rooms.send('GET', '/api/rooms?upcoming=true', { as: grace })).body.rooms;
  expect(await upcoming()).toEqual([]);
  await rooms.send('PATCH', `/api/rooms/${id}`, { as: ada, body: { startsAt: '2099-01-01T10:00:00Z' } });
  expect(await upcoming()).toEqual([expect.objectContaining({ id, startsAt: '2099-01-01T10:00:00.000Z' })]);
});

test('an invitation by mail opens the room to whoever has its code, once it is known nowhere else', async () => {
  const [ada, guest] = [newId(), newId()];
  const id = await rooms.create(ada, { settings: { entry: 'invited', guests: false } });
  const { body, headers } = await invite(id, ada, { email: 'Grace@Example.org' });
  expect(body).toMatchObject({ email: 'grace@example.org', code: expect.stringMatching(/^[\w-]{22}$/) });
  expect(headers['cache-control']).toBe('no-store');
  const join = (code?: string) =>
    rooms.send('POST', `/api/rooms/${id}/join`, {
      as: guest,
      guest: 'Grace',
      ...(code === undefined ? {} : { body: { code } }),
    });
  expect((await join()).code).toBe('guests-not-welcome');
  expect((await join(newId())).code).toBe('guests-not-welcome');
  expect((await join(body.code)).body.role).toBe('participant');
  expect(JSON.stringify(await invitations(id, ada))).not.toContain(body.code);
  expect(rooms.log.text).not.toContain(body.code);
  const redis = rooms.redis.connect();
  const stored = [await redis.hgetall(`room:${id}:invited`), await redis.hgetall(`room:${id}:invitations`)];
  expect(JSON.stringify(stored)).not.toContain(body.code);
  await redis.quit();
  expect(await eventsOf(id, 'room.invited')).toMatchObject([{ code: body.code, email: 'grace@example.org' }]);
});

test('whoever is invited twice has one invitation', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada);
  const first = await invite(id, ada, { userId: grace });
  const second = await invite(id, ada, { userId: grace });
  expect([second.status, second.body.id]).toEqual([200, first.body.id]);
  const byMail = await Promise.all(
    Array.from({ length: 5 }, () => invite(id, ada, { email: 'grace@example.org' })),
  );
  expect(byMail.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
  expect(await invitations(id, ada)).toHaveLength(2);
  expect(await eventsOf(id, 'room.invited')).toHaveLength(2);
  expect(await listOf(grace)).toHaveLength(1);
});

test('an invitation that is taken back opens nothing any more', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada, { settings: { entry: 'invited' } });
  const byUser = (await invite(id, ada, { userId: grace })).body;
  const byMail = (await invite(id, ada, { email: 'x@example.org' })).body;
  for (const { id: invitationId } of [byUser, byMail, byMail]) {
    const path = `/api/rooms/${id}/invitations/${invitationId}`;
    expect((await rooms.send('DELETE', path, { as: ada })).status).toBe(204);
  }
  const join = (body?: unknown) =>
    rooms.send('POST', `/api/rooms/${id}/join`, { as: grace, ...(body === undefined ? {} : { body }) });
  expect((await join()).code).toBe('not-invited');
  expect((await join({ code: byMail.code })).code).toBe('not-invited');
  expect(await listOf(grace)).toEqual([]);
  expect(await invitations(id, ada)).toEqual([]);
  expect(await eventsOf(id, 'room.uninvited')).toEqual([
    { roomId: id, roomName: 'Standup', invitationId: byUser.id, userId: grace, email: null },
    { roomId: id, roomName: 'Standup', invitationId: byMail.id, userId: null, email: 'x@example.org' },
  ]);
});

test('only moderators invite, see who was invited, and take it back', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada);
  const { body } = await invite(id, ada, { email: 'x@example.org' });
  const others = [
    await invite(id, grace, { userId: newId() }),
    await rooms.send('GET', `/api/rooms/${id}/invitations`, { as: grace }),
    await rooms.send('DELETE', `/api/rooms/${id}/invitations/${body.id}`, { as: grace }),
    await rooms.send('GET', `/api/rooms/${id}/moderators`, { as: grace }),
  ];
  expect(others.map(({ code }) => code)).toEqual(Array(4).fill('not-moderator'));
  expect((await rooms.send('PUT', `/api/rooms/${id}/moderators/${grace}`, { as: grace })).code).toBe(
    'not-owner',
  );
  expect((await rooms.send('DELETE', `/api/rooms/${id}/moderators/${ada}`, { as: grace })).code).toBe(
    'not-owner',
  );
  await rooms.send('PUT', `/api/rooms/${id}/moderators/${grace}`, { as: ada });
  expect((await invite(id, grace, { userId: newId() })).status).toBe(201);
  const moderators = await rooms.send('GET', `/api/rooms/${id}/moderators`, { as: grace });
  expect(moderators.body).toEqual({ ownerId: ada, moderators: [grace] });
});

test('nobody can be invited or made a moderator who is not there', async () => {
  const [ada, nobody] = [newId(), newId()];
  rooms.strangers.add(nobody);
  const id = await rooms.create(ada);
  expect((await invite(id, ada, { userId: nobody })).code).toBe('user-not-found');
  const made = await rooms.send('PUT', `/api/rooms/${id}/moderators/${nobody}`, { as: ada });
  expect(made.code).toBe('user-not-found');
});

test('there are only so many invitations and moderators', async () => {
  const ada = newId();
  const id = await rooms.create(ada);
  const redis = rooms.redis.connect();
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, '{}']));
  await redis.hset(`room:${id}:invitations`, many(500));
  await redis.sadd(`room:${id}:moderators`, ...Object.keys(many(50)));
  expect((await invite(id, ada, { userId: newId() })).code).toBe('too-many-members');
  const made = await rooms.send('PUT', `/api/rooms/${id}/moderators/${newId()}`, { as: ada });
  expect(made.code).toBe('too-many-members');
  await redis.quit();
});

test('nobody sends mails to strangers without end', async () => {
  const ada = newId();
  const id = await rooms.create(ada);
  const redis = rooms.redis.connect();
  const counters = async () => new Set(await redis.keys('throttle:invitations:*'));
  const before = await counters();
  expect((await invite(id, ada, { email: 'x1@example.org' })).status).toBe(201);
  // As after 298 more of them.
  const [mine = ''] = [...(await counters())].filter((key) => !before.has(key));
  await redis.set(mine, 299, 'KEEPTTL');
  expect((await invite(id, ada, { email: 'x2@example.org' })).status).toBe(201);
  expect((await invite(id, ada, { email: 'x3@example.org' })).code).toBe('too-many-requests');
  await redis.quit();
});

test.each([
  [{}],
  [{ userId: newId(), email: 'x@example.org' }],
  [{ email: 'nobody' }],
  [{ userId: '../me' }],
  [{ userId: newId(), role: 'moderator' }],
  [[]],
])('%j invites nobody', async (body) => {
  const ada = newId();
  expect((await invite(await rooms.create(ada), ada, body)).code).toBe('invalid-request');
});
