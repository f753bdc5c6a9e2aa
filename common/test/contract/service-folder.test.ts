import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { addCopy, checkContracts, writeContracts } from '../../src/contract/service-folder.ts';
import { defineEvent, importEvent, Type } from '../../src/index.ts';

async function startFolder() {
  const root = await mkdtemp(join(tmpdir(), 'tandem-contract-'));
  for (const name of ['rooms', 'search']) await mkdir(join(root, name, 'src'), { recursive: true });
  return {
    rooms: join(root, 'rooms'),
    search: join(root, 'search'),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

const created = (schema: ReturnType<typeof Type.Object>, version = 1) =>
  defineEvent({ name: 'room.created', version, description: 'Somebody made a room.', schema });

const rooms = (...publishes: ReturnType<typeof created>[]) => ({ name: 'rooms', publishes });
const search = { name: 'search', publishes: [] };
const first = created(Type.Object({ id: Type.String(), name: Type.String() }));

test('the contract is written from the source, and a change of the source makes it stale', async () => {
  await using folder = await startFolder();
  expect((await checkContracts(folder.rooms, rooms(first))).stale).toEqual(['contract/events.json']);
  await writeContracts(folder.rooms, rooms(first), { force: false });
  expect(JSON.parse(await readFile(join(folder.rooms, 'contract/events.json'), 'utf8'))).toMatchObject({
    service: 'rooms',
    events: [{ name: 'room.created', version: 1, schema: { required: ['id', 'name'] } }],
  });
  expect(await checkContracts(folder.rooms, rooms(first))).toEqual({ stale: [], breaks: [] });
  const longer = created(
    Type.Object({ id: Type.String(), name: Type.String(), size: Type.Optional(Type.Integer()) }),
  );
  expect(await checkContracts(folder.rooms, rooms(longer))).toEqual({
    stale: ['contract/events.json'],
    breaks: [],
  });
});

test('a change that breaks a reader is named with the reader, and is not written', async () => {
  await using folder = await startFolder();
  await writeContracts(folder.rooms, rooms(first), { force: false });
  await addCopy(folder.search, 'rooms');
  await writeFile(
    join(folder.search, 'src/service.ts'),
    "import { roomCreated } from './contracts/rooms.ts';\nconsole.log(roomCreated);\n",
  );
  const broken = rooms(created(Type.Object({ id: Type.String() })));
  const { breaks } = await writeContracts(folder.rooms, broken, { force: false });
  expect(breaks).toEqual(['room.created version 1: /name may be missing (read by search)']);
  expect((await checkContracts(folder.rooms, rooms(first))).stale).toEqual([]);
  const versioned = rooms(first, created(Type.Object({ id: Type.String() }), 2));
  expect((await writeContracts(folder.rooms, versioned, { force: false })).breaks).toEqual([]);
  expect((await checkContracts(folder.search, search)).stale).toEqual(['src/contracts/rooms.ts']);
  await writeContracts(folder.search, search, { force: false });
  expect(await readFile(join(folder.search, 'src/contracts/rooms.ts'), 'utf8')).toContain(
    'export const roomCreatedV2 = importEvent({',
  );
});

test('there is no copy of a contract that is not there', async () => {
  await using folder = await startFolder();
  await expect(addCopy(folder.search, 'users')).rejects.toThrow('../users/contract/events.json is not there');
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
