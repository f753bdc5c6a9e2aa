import { fuzz, waitFor } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userRegistered } from '../src/contracts/auth.ts';
import { roomChanged, roomClosed, roomCreated, roomInvited, roomUninvited } from '../src/contracts/rooms.ts';
import { userRenamed } from '../src/contracts/users.ts';
import { type Running, startSearch } from './support.ts';

let running: Running;

beforeAll(async () => {
  running = await startSearch();
}, 120_000);
afterAll(() => running[Symbol.asyncDispose]());

const registered = (id: string, name: string) =>
  userRegistered({ id, name, email: `${id}@example.org`, registeredAt: '2026-01-01T00:00:00.000Z' });

const created = (id: string, name: string, ownerId: string) =>
  roomCreated({ id, name, ownerId, startsAt: null, minutes: null, createdAt: '2026-01-01T00:00:00.000Z' });

const invited = (roomId: string, userId: string | null) =>
  roomInvited({
    roomId,
    roomName: 'any',
    invitationId: 'one',
    inviterId: 'owner',
    userId,
    email: userId === null ? 'somebody@example.org' : null,
    code: null,
    startsAt: null,
    minutes: null,
  });

const finds = (user: string, query: string, names: string[]) =>
  waitFor(`${user} finds ${names.join(', ') || 'nothing'} by ${query}`, async () => {
    const found = await running.find(user, query);
    return JSON.stringify(found) === JSON.stringify(names);
  });

describe('people', () => {
  test('are found by everybody who has an account, by both instances, under their newest name', async () => {
    await running.publish(registered('p1', 'Grace Hopper'));
    await finds('anybody', 'gra', ['Grace Hopper']);
    await waitFor('the other instance finds her', async () => {
      const found = await running.find('anybody', 'hopp', running.other);
      return found.length === 1;
    });
    await running.publish(userRenamed({ id: 'p1', name: 'Grace Murray' }));
    await finds('anybody', 'murray', ['Grace Murray']);
    await finds('anybody', 'hopper', []);
  });

  test('a registration that comes after the new name changes nothing', async () => {
    await running.publish(
      userRenamed({ id: 'p2', name: 'Katherine Johnson' }),
      registered('p2', 'Kathy Goble'),
    );
    await running.publish(registered('p3', 'Last Comer'));
    await finds('anybody', 'last comer', ['Last Comer']);
    expect(await running.find('anybody', 'katherine')).toEqual(['Katherine Johnson']);
    expect(await running.find('anybody', 'goble')).toEqual([]);
  });
});

describe('rooms', () => {
  test('are found by their owners and by those who are invited, as long as they are', async () => {
    await running.publish(
      created('r1', 'Budget planning', 'owner'),
      invited('r1', 'guest'),
      invited('r1', null),
    );
    await finds('owner', 'budget', ['Budget planning']);
    await finds('guest', 'plan', ['Budget planning']);
    expect(await running.find('stranger', 'budget')).toEqual([]);
    await running.publish(roomUninvited({ roomId: 'r1', invitationId: 'one', userId: 'guest' }));
    await finds('guest', 'plan', []);
    expect(await running.find('owner', 'budget')).toEqual(['Budget planning']);
  });

  test('an invitation and a new name may come before the room', async () => {
    await running.publish(invited('r2', 'guest'), created('r2', 'Retrospective', 'owner'));
    await finds('guest', 'retro', ['Retrospective']);
    await running.publish(
      roomChanged({ id: 'r2', name: 'Looking back' }),
      roomChanged({ id: 'r2', minutes: 30 }),
    );
    await finds('guest', 'looking', ['Looking back']);
  });

  test('a room that was closed stays closed, whatever comes late', async () => {
    await running.publish(
      created('r3', 'Farewell', 'owner'),
      roomClosed({ id: 'r3', closedAt: '2026-01-01T00:00:00Z' }),
    );
    await running.publish(
      created('r3', 'Farewell', 'owner'),
      invited('r3', 'owner'),
      registered('p4', 'Very Last'),
    );
    await finds('owner', 'very last', ['Very Last']);
    expect(await running.find('owner', 'farewell')).toEqual([]);
  });
});

describe('requests', () => {
  const ask = (query: Record<string, string>, headers: Record<string, string>) =>
    running.service.app.inject({ url: '/api/search', query, headers });

  test('need an account', async () => {
    expect((await ask({ q: 'gra' }, {})).statusCode).toBe(401);
    const guest = running.issuer.token('visitor', { guest: 'A visitor' });
    expect((await ask({ q: 'gra' }, { authorization: `Bearer ${guest}` })).json().code).toBe(
      'guests-not-allowed',
    );
  });

  test('say of what kind each result is, and can ask for one kind', async () => {
    await running.publish(registered('p5', 'Zoe Zebra'), created('r5', 'Zebra crossing', 'owner'));
    await finds('owner', 'zebra', ['Zebra crossing', 'Zoe Zebra']);
    const headers = { authorization: running.issuer.authorization('owner') };
    expect((await ask({ q: 'zeb', kind: 'room' }, headers)).json().results).toEqual([
      { kind: 'room', id: 'r5', name: 'Zebra crossing' },
    ]);
    expect((await ask({ q: 'zeb', kind: 'person' }, headers)).json().results).toEqual([
      { kind: 'person', id: 'p5', name: 'Zoe Zebra' },
    ]);
  });

  test('with anything else are refused', async () => {
    const headers = { authorization: running.issuer.authorization('owner') };
    for (const query of [
      {},
      { q: 'x'.repeat(101) },
      { q: 'a', limit: '0' },
      { q: 'a', limit: '51' },
      { q: 'a', kind: 'user' },
    ])
      expect((await ask(query, headers)).json().code).toBe('invalid-request');
  });

  test('whatever they are, the answer is one that the OpenAPI has', async () => {
    const routes = await fuzz(running.service.app, {
      authorization: running.issuer.authorization('owner'),
      runs: 60,
    });
    expect(routes.find(({ path }) => path === '/api/search')?.statuses).toContain(200);
  });
});

test('after its Redis was killed, the service finds what it found, and what is new', async () => {
  await running.publish(registered('p6', 'Before Crash'));
  await finds('anybody', 'before crash', ['Before Crash']);
  await running.redis.kill();
  expect(await running.find('anybody', 'before crash')).toEqual(['Before Crash']);
  await running.publish(registered('p7', 'After Crash'));
  await running.redis.start();
  await finds('anybody', 'after crash', ['After Crash']);
  expect(await running.find('anybody', 'before crash')).toEqual(['Before Crash']);
}, 60_000);
