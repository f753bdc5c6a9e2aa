import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { type Description, describeService } from '../../src/contract/description.ts';
import {
  addApiCopy,
  addEventsCopy,
  checkContracts,
  writeContracts,
} from '../../src/contract/service-folder.ts';
import { defineEvent, defineService, importEvent, on, Type } from '../../src/index.ts';

/** Below this folder, where the package is found by its name. */
async function startFolder() {
  const root = await mkdtemp(join(import.meta.dirname, '.folder-'));
  for (const name of ['rooms', 'search']) await mkdir(join(root, name), { recursive: true });
  return {
    rooms: join(root, 'rooms'),
    search: join(root, 'search'),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

const created = (schema: ReturnType<typeof Type.Object>, version = 1) =>
  defineEvent({ name: 'room.created', version, description: 'Somebody made a room.', schema });

const first = created(Type.Object({ id: Type.String(), name: Type.String() }));
const Room = Type.Object({ id: Type.String(), name: Type.String() });

const rooms = (publishes: ReturnType<typeof created>[], room: object = Room): Promise<Description> =>
  describeService(
    defineService({
      name: 'rooms',
      description: 'Rooms.',
      redis: true,
      publishes,
      routes: (app) => {
        app.get(
          '/api/rooms/:id',
          { schema: { params: Type.Object({ id: Type.String() }), response: { 200: room } } },
          async () => ({}),
        );
        app.get('/api/rooms', { schema: { response: { 200: Type.Array(Room) } } }, async () => []);
      },
    }),
  );

const search = () =>
  describeService(
    defineService({
      name: 'search',
      description: 'Finds.',
      calls: ['rooms'],
      consumes: () => [on(first, () => {})],
      routes: () => {},
    }),
  );

const nothing = { stale: [], breaks: [], unfit: [] };

test('the contracts are written from the source, and a change of the source makes them stale', async () => {
  await using folder = await startFolder();
  const description = await rooms([first]);
  const all = ['contract/events.json', 'contract/openapi.json', 'contract/uses.json'];
  expect((await checkContracts(folder.rooms, description)).stale).toEqual(all);
  await writeContracts(folder.rooms, description, { force: false });
  const written = async (name: string) => JSON.parse(await readFile(join(folder.rooms, name), 'utf8'));
  expect(await written('contract/events.json')).toMatchObject({
    service: 'rooms',
    events: [{ name: 'room.created', version: 1, schema: { required: ['id', 'name'] } }],
  });
  expect(Object.keys((await written('contract/openapi.json')).paths)).toEqual([
    '/api/rooms',
    '/api/rooms/{id}',
  ]);
  expect(await written('contract/uses.json')).toEqual({
    service: 'rooms',
    calls: [{ service: 'auth', operations: ['GET /api/auth/.well-known/jwks.json'] }],
    consumes: [],
  });
  expect(await checkContracts(folder.rooms, description)).toEqual(nothing);

  const longer = Type.Object({ id: Type.String(), name: Type.String(), size: Type.Optional(Type.Integer()) });
  expect(await checkContracts(folder.rooms, await rooms([created(longer)], longer))).toEqual({
    ...nothing,
    stale: ['contract/events.json', 'contract/openapi.json'],
  });
});

test('a change that breaks somebody is named with who relies on it, and is not written', async () => {
  await using folder = await startFolder();
  await writeContracts(folder.rooms, await rooms([first]), { force: false });
  await addEventsCopy(folder.search, 'rooms');
  await addApiCopy(folder.search, 'rooms', 'GET /api/rooms/{id}');
  await writeContracts(folder.search, await search(), { force: false });

  const shorter = Type.Object({ id: Type.String() });
  const { breaks } = await writeContracts(folder.rooms, await rooms([created(shorter)], shorter), {
    force: false,
  });
  expect(breaks).toEqual([
    'room.created version 1: /name may be missing (used by search)',
    'GET /api/rooms/{id}: the answer 200: /name may be missing (used by search)',
  ]);
  expect(await checkContracts(folder.rooms, await rooms([first]))).toEqual(nothing);

  const versioned = await rooms([first, created(shorter, 2)]);
  expect((await writeContracts(folder.rooms, versioned, { force: false })).breaks).toEqual([]);
  expect(await checkContracts(folder.search, await search())).toEqual(nothing);
  await addEventsCopy(folder.search, 'rooms');
  expect(await readFile(join(folder.search, 'src/contracts/rooms.ts'), 'utf8')).toContain(
    'export const roomCreatedV2 = importEvent({',
  );
});

test('a copy of events fits whatever the owner adds, and misses what it takes away', async () => {
  await using folder = await startFolder();
  await writeContracts(folder.rooms, await rooms([first]), { force: false });
  await addEventsCopy(folder.search, 'rooms');
  await writeContracts(folder.search, await search(), { force: false });
  const longer = created(Type.Object({ ...Room.properties, size: Type.Integer() }));
  await writeContracts(folder.rooms, await rooms([longer]), { force: false });
  expect(await checkContracts(folder.search, await search())).toEqual(nothing);
  await writeContracts(folder.rooms, await rooms([]), { force: true });
  expect((await checkContracts(folder.search, await search())).unfit).toEqual([
    'room.created version 1 of rooms: is gone',
  ]);
});

test('a copy has the operations that were asked for, and says when one is gone', async () => {
  await using folder = await startFolder();
  await writeContracts(folder.rooms, await rooms([]), { force: false });
  await addApiCopy(folder.search, 'rooms', 'GET /api/rooms/{id}');
  const copy = join(folder.search, 'src/contracts/rooms-api.ts');
  const { roomsApi } = await import(copy);
  expect(Object.keys(roomsApi.operations)).toEqual(['GET /api/rooms/{id}']);
  expect(roomsApi.operations['GET /api/rooms/{id}'].params.required).toEqual(['id']);
  await addApiCopy(folder.search, 'rooms', null);
  const text = await readFile(copy, 'utf8');
  expect(text).toContain('"GET /api/rooms"');

  // Whatever the owner adds, the copy fits; what it takes away is missed.
  const longer = Type.Object({ ...Room.properties, size: Type.Integer() });
  await writeContracts(folder.rooms, await rooms([], longer), { force: false });
  await writeContracts(folder.search, await search(), { force: false });
  expect(await checkContracts(folder.search, await search())).toEqual(nothing);
  await writeContracts(folder.rooms, await rooms([], Type.Object({ id: Type.String() })), { force: true });
  expect((await checkContracts(folder.search, await search())).unfit).toEqual([
    'GET /api/rooms/{id} of rooms: the answer 200: /name may be missing',
  ]);
  await writeFile(copy, text.replace('"GET /api/rooms"', '"GET /api/rooms/all"'));
  expect((await checkContracts(folder.search, await search())).unfit).toContain(
    'GET /api/rooms/all of rooms: is gone',
  );
});

test('there is no copy of what is not there', async () => {
  await using folder = await startFolder();
  await expect(addEventsCopy(folder.search, 'users')).rejects.toThrow(
    '../users/contract/events.json is not there',
  );
  await expect(addApiCopy(folder.search, 'users', null)).rejects.toThrow(
    '../users/contract/openapi.json is not there',
  );
  await writeContracts(folder.rooms, await rooms([]), { force: false });
  await expect(addApiCopy(folder.search, 'rooms', 'GET /api/none')).rejects.toThrow(
    'rooms has no operation GET /api/none that takes and gives JSON; it has GET /api/rooms, GET /api/rooms/{id}',
  );
});

test('an imported event has the type of its schema', () => {
  const imported = importEvent({
    name: 'room.created',
    version: 1,
    schema: {
      type: 'object',
      required: ['id', 'kind'],
      properties: {
        id: { type: 'string' },
        kind: { enum: ['open', 'closed'] },
        tags: { type: 'array', items: { type: 'string' } },
      },
    },
  });
  const data = imported.parse({ id: 'a', kind: 'open' });
  expectTypeOf(data.id).toEqualTypeOf<string>();
  expectTypeOf(data.kind).toEqualTypeOf<'open' | 'closed'>();
  expectTypeOf(data.tags).toEqualTypeOf<string[] | undefined>();
  expect(() => imported.parse({ id: 'a' })).toThrow('/kind is required');
});
