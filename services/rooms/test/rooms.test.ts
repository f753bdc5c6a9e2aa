import { outboxOf } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, type Running, startRooms } from './support.ts';

let rooms: Running;
beforeAll(async () => {
  rooms = await startRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());

const post = (as: string, body: unknown, headers: Record<string, string> = {}) =>
  rooms.send('POST', '/api/rooms', { as, body, headers });
const get = (id: string, as = newId()) => rooms.send('GET', `/api/rooms/${id}`, { as });
const patch = (id: string, as: string, body: unknown, ifMatch?: unknown) =>
  rooms.send('PATCH', `/api/rooms/${id}`, {
    as,
    body,
    headers: ifMatch === undefined ? {} : { 'if-match': String(ifMatch) },
  });
const close = (id: string, as: string) => rooms.send('DELETE', `/api/rooms/${id}`, { as });
const namesOf = (answer: { body: { rooms: { name: string }[] } }) =>
  answer.body.rooms.map(({ name }) => name);
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

async function eventsOf(roomId: string) {
  const redis = rooms.redis.connect();
  const events = (await outboxOf(redis)).filter(({ data }) => JSON.stringify(data).includes(roomId));
  await redis.quit();
  return events;
}

test('a room is made, found by whoever knows its id, and told of', async () => {
  const ada = newId();
  const { status, body, headers } = await post(ada, { name: 'Standup' });
  expect([status, headers.location, headers.etag]).toEqual([201, `/api/rooms/${body.id}`, '"1"']);
  expect(body).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    name: 'Standup',
    mine: true,
    startsAt: null,
    minutes: null,
    settings: { entry: 'open', guests: true, participantsMay: ['send', 'share-screen', 'chat'] },
    createdAt: expect.any(String),
    closedAt: null,
  });
  expect((await get(body.id)).body).toEqual({ ...body, mine: false });
  expect((await get(newId())).code).toBe('room-not-found');
  expect(await eventsOf(body.id)).toEqual([
    {
      name: 'room.created',
      version: 1,
      data: {
        id: body.id,
        name: 'Standup',
        ownerId: ada,
        startsAt: null,
        minutes: null,
        createdAt: body.createdAt,
      },
    },
  ]);
});

test('a room that is made twice with one key is one room', async () => {
  const ada = newId();
  const key = { 'idempotency-key': 'key-1' };
  const [first, again] = [await post(ada, { name: 'Once' }, key), await post(ada, { name: 'Once' }, key)];
  expect(again.body).toEqual(first.body);
  expect((await rooms.send('GET', '/api/rooms', { as: ada })).body.rooms).toHaveLength(1);
});

test('my rooms come the latest first, a page at a time, and nobody else has them', async () => {
  const ada = newId();
  for (let room = 1; room <= 5; room++) await rooms.create(ada, { name: `Room ${room}` });
  const page = (query: string) => rooms.send('GET', `/api/rooms?${query}`, { as: ada });
  const first = await page('limit=2');
  const second = await page(`limit=2&cursor=${first.body.nextCursor}`);
  const third = await page(`limit=2&cursor=${second.body.nextCursor}`);
  expect([namesOf(first), namesOf(second), namesOf(third)]).toEqual([
    ['Room 5', 'Room 4'],
    ['Room 3', 'Room 2'],
    ['Room 1'],
  ]);
  expect(third.body.nextCursor).toBeNull();
  expect((await rooms.send('GET', '/api/rooms', { as: newId() })).body).toEqual({
    rooms: [],
    nextCursor: null,
  });
});

test('scheduled rooms come the next first, those at the same time too, and none that are over', async () => {
  const ada = newId();
  const at = inHours(2);
  for (const name of ['a', 'b', 'c']) await rooms.create(ada, { name, startsAt: at });
  await rooms.create(ada, { name: 'now', startsAt: inHours(-0.5) });
  await rooms.create(ada, { name: 'over', startsAt: inHours(-2), minutes: 30 });
  await rooms.create(ada, { name: 'long', startsAt: inHours(-2), minutes: 180 });
  await rooms.create(ada, { name: 'unscheduled' });
  const names: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await rooms.send('GET', `/api/rooms?upcoming=true&limit=2${cursor}`, { as: ada });
    names.push(...body.rooms.map(({ name }: { name: string }) => name));
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(names.slice(0, 2)).toEqual(['long', 'now']);
  expect(names.slice(2).sort()).toEqual(['a', 'b', 'c']);
});

test('a time is kept in UTC, whatever zone it was given in, and can be taken away', async () => {
  const ada = newId();
  const id = await rooms.create(ada, { startsAt: '2027-03-28T09:00:00+02:00', minutes: 45 });
  expect((await get(id)).body).toMatchObject({ startsAt: '2027-03-28T07:00:00.000Z', minutes: 45 });
  await patch(id, ada, { startsAt: null, minutes: null });
  expect((await get(id)).body).toMatchObject({ startsAt: null, minutes: null });
  const upcoming = await rooms.send('GET', '/api/rooms?upcoming=true', { as: ada });
  expect(upcoming.body.rooms).toEqual([]);
});

test('what is named changes, what is not stays; others are told of name and time only', async () => {
  const ada = newId();
  const id = await rooms.create(ada);
  const renamed = await patch(id, ada, { name: 'Retro', settings: { entry: 'lobby' } });
  expect(renamed.body).toMatchObject({
    name: 'Retro',
    settings: { entry: 'lobby', guests: true, participantsMay: ['send', 'share-screen', 'chat'] },
  });
  await patch(id, ada, { settings: { participantsMay: [], guests: false } });
  expect((await get(id)).body.settings).toEqual({ entry: 'lobby', guests: false, participantsMay: [] });
  expect((await eventsOf(id)).slice(1)).toEqual([
    { name: 'room.changed', version: 1, data: { id, name: 'Retro' } },
  ]);
});

test('of two changes of one version the second is refused; of many at once one wins', async () => {
  const ada = newId();
  const id = await rooms.create(ada);
  await using other = await startRooms({ beside: rooms });
  const { etag } = (await get(id)).headers;
  const answers = await Promise.all(
    [rooms, other, rooms, other].map((instance, index) =>
      instance.send('PATCH', `/api/rooms/${id}`, {
        as: ada,
        body: { name: `Name ${index}` },
        headers: { 'if-match': String(etag) },
      }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  expect((await patch(id, ada, { name: 'x' }, etag)).code).toBe('precondition-failed');
  expect((await patch(id, ada, { name: 'x' }, (await get(id)).headers.etag)).status).toBe(200);
});

test('only who moderates changes a room, only who owns it closes it', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada);
  expect((await patch(id, grace, { name: 'Mine' })).code).toBe('not-moderator');
  expect((await close(id, grace)).code).toBe('not-owner');
  await rooms.send('PUT', `/api/rooms/${id}/moderators/${grace}`, { as: ada });
  expect((await patch(id, grace, { name: 'Ours' })).status).toBe(200);
  expect((await close(id, grace)).code).toBe('not-owner');
  expect((await patch(newId(), ada, { name: 'x' })).code).toBe('room-not-found');
  expect((await close(newId(), ada)).code).toBe('room-not-found');
});

test('a closed room is closed for everything, says so, and is in no list', async () => {
  const [ada, grace] = [newId(), newId()];
  const id = await rooms.create(ada, { startsAt: inHours(1) });
  await rooms.send('POST', `/api/rooms/${id}/invitations`, { as: ada, body: { userId: grace } });
  expect((await rooms.send('GET', '/api/rooms?upcoming=true', { as: grace })).body.rooms).toHaveLength(1);
  expect((await close(id, ada)).status).toBe(204);
  expect((await close(id, ada)).status).toBe(204);
  expect((await get(id)).body.closedAt).toEqual(expect.any(String));
  expect((await patch(id, ada, { name: 'x' })).code).toBe('room-closed');
  expect((await rooms.send('POST', `/api/rooms/${id}/join`, { as: ada })).status).toBe(410);
  for (const as of [ada, grace]) {
    for (const query of ['', '?upcoming=true']) {
      expect((await rooms.send('GET', `/api/rooms${query}`, { as })).body.rooms).toEqual([]);
    }
  }
  const told = (await eventsOf(id)).map(({ name }) => name);
  expect(told).toEqual(['room.created', 'room.invited', 'room.closed']);
  const redis = rooms.redis.connect();
  expect(await redis.keys(`room:${id}*`)).toEqual([`room:${id}`]);
  expect(await redis.ttl(`room:${id}`)).toBeGreaterThan(0);
  await redis.quit();
});

test('nobody has rooms without end', async () => {
  const ada = newId();
  const redis = rooms.redis.connect();
  await redis.sadd(`owned-by:${ada}`, ...Array.from({ length: 1_000 }, (_, index) => `room-${index}`));
  const refused = await post(ada, { name: 'One more' });
  expect([refused.status, refused.code]).toEqual([409, 'too-many-rooms']);
  await redis.quit();
});

test.each([
  ['no body', undefined],
  ['no name', {}],
  ['a blank name', { name: ' \u2003' }],
  ['a long name', { name: 'x'.repeat(101) }],
  ['a name with a line break', { name: 'a\nb' }],
  ['a time that is none', { name: 'x', startsAt: 'tomorrow' }],
  ['a leap second', { name: 'x', startsAt: '2026-12-31T23:59:60Z' }],
  ['a time before computers', { name: 'x', startsAt: '0001-01-01T00:00:00Z' }],
  ['no minutes', { name: 'x', minutes: 0 }],
  ['too many minutes', { name: 'x', minutes: 1441 }],
  ['half a minute', { name: 'x', minutes: 0.5 }],
  ['an unknown entry', { name: 'x', settings: { entry: 'anybody' } }],
  ['a permission that cannot be given', { name: 'x', settings: { participantsMay: ['moderate'] } }],
  ['a permission twice', { name: 'x', settings: { participantsMay: ['chat', 'chat'] } }],
  ['an owner', { name: 'x', ownerId: newId() }],
  ['a prototype', '{"name":"x","__proto__":{"mine":true}}'],
])('%s makes no room', async (_what, body) => {
  const { status } = await post(newId(), body);
  expect(status === 400 || status === 422).toBe(true);
});

test.each(['x', '!!!', Buffer.from('1').toString('base64url'), Buffer.from('1 x').toString('base64url')])(
  'the cursor %s is refused',
  async (cursor) => {
    const answer = await rooms.send('GET', `/api/rooms?cursor=${encodeURIComponent(cursor)}`, {
      as: newId(),
    });
    expect([answer.status, answer.code]).toEqual([422, 'invalid-cursor']);
  },
);

test('a guest sees a room and makes, changes or lists none; a stranger sees nothing', async () => {
  const id = await rooms.create(newId());
  const options = { as: newId(), guest: 'Zoë' };
  expect((await rooms.send('GET', `/api/rooms/${id}`, options)).status).toBe(200);
  expect((await rooms.send('GET', '/api/rooms', options)).code).toBe('guests-not-allowed');
  expect((await rooms.send('POST', '/api/rooms', { ...options, body: { name: 'x' } })).code).toBe(
    'guests-not-allowed',
  );
  expect((await rooms.send('GET', `/api/rooms/${id}`)).code).toBe('unauthenticated');
});
