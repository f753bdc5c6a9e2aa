import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, send } from '../support/edge.ts';
import { mailsTo } from '../support/mails.ts';
import { register } from '../support/people.ts';
import { stack } from '../support/tandem.ts';
import { until } from '../support/until.ts';
import { writeWhileKilling } from '../support/writer.ts';

// What docs/consistency.md promises, while the part that it speaks of is killed under load.

/** What somebody is told while a part is away; anything else would be a failure. */
const AWAY = ['503 dependency-unavailable'];

/** Redis flushes its file every second, and does not wait for a flush that takes longer than that. */
const REDIS_MAY_LOSE_MS = 2_500;

let token: string;
let userId: string;
beforeAll(async () => {
  const ada = await register('ada');
  token = ada.accessToken;
  userId = ada.user.id;
  await until('her profile', async () => (await send('GET', '/api/users/me', token)).status === 200);
});

/** As a client does that wants its request repeated where an instance dies. */
async function post(path: string, body: object): Promise<Answer> {
  const answer = await fetch(`${stack().edge}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

/** A search gives 50 results. */
const PER_GROUP = 40;

/** Rooms whose names begin with one of a few words that only they have. */
function roomWriter() {
  const tag = crypto.randomUUID().slice(0, 8);
  const groupOf = (n: number) => `${tag}x${Math.floor(n / PER_GROUP)}`;
  return async (n: number) => {
    const name = `${groupOf(n)} number ${n}`;
    return { answer: await post('/api/rooms', { name }), value: name };
  };
}

async function namesOfRooms(): Promise<string[]> {
  const names: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await send('GET', `/api/rooms?limit=100${cursor}`, token);
    names.push(...body.rooms.map(({ name }: { name: string }) => name));
    if (body.nextCursor === null) return names;
    cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
  }
}

async function expectAllThereOnce(written: string[]): Promise<void> {
  const wanted = new Set(written);
  const there = (await namesOfRooms()).filter((name) => wanted.has(name));
  expect(there.toSorted()).toEqual(written.toSorted());
}

async function expectAllFound(written: string[]): Promise<void> {
  const groups = new Set(written.map((name) => name.split(' ', 1)[0] ?? ''));
  for (const group of groups) {
    const wanted = written.filter((name) => name.startsWith(`${group} `));
    await until(`search finds all ${wanted.length} rooms of ${group}`, async () => {
      const { body } = await send('GET', `/api/search?kind=room&limit=50&q=${group}`, token);
      const found = new Set(body.results.map(({ name }: { name: string }) => name));
      return wanted.every((name) => found.has(name));
    });
  }
}

const withoutAway = (refusals: string[]) => refusals.filter((refusal) => !AWAY.includes(refusal));

describe('rooms', () => {
  test.each([
    ['its Redis', 'rooms-redis', AWAY, REDIS_MAY_LOSE_MS],
    ['one of its instances', 'rooms', [], 0],
    ['RabbitMQ', 'rabbitmq', [], 0],
    ['the Redis of search', 'search-redis', [], REDIS_MAY_LOSE_MS],
    ['the Redis of auth', 'auth-redis', [], 0],
  ])(
    'that were acknowledged while %s was killed are all there, once, and are found',
    async (_, part, told, mayLoseMs) => {
      const { acknowledged, refusals } = await writeWhileKilling(part, roomWriter(), mayLoseMs);
      expect(refusals.filter((refusal) => !told.includes(refusal))).toEqual([]);
      await expectAllThereOnce(acknowledged);
      await expectAllFound(acknowledged);
    },
  );
});

test('sessions that were opened while the Redis of auth was killed go on', async () => {
  const { acknowledged, refusals } = await writeWhileKilling(
    'auth-redis',
    async () => {
      const answer = await send('POST', '/api/auth/guests', undefined, { name: 'Zoë' });
      return { answer, value: answer.body.refreshToken };
    },
    REDIS_MAY_LOSE_MS,
  );
  expect(withoutAway(refusals)).toEqual([]);
  for (const refreshToken of acknowledged) {
    expect((await send('POST', '/api/auth/refresh', undefined, { refreshToken })).status).toBe(200);
  }
});

test('a name that was acknowledged while the Redis of users was killed is read, or one that was sent later', async () => {
  const room = (await post('/api/rooms', { name: 'Standup' })).body;
  let sent = '';
  const stale: string[] = [];
  const invitations = new Set<string>();
  const { acknowledged, refusals } = await writeWhileKilling(
    'users-redis',
    async (n) => {
      sent = `Ada ${n}`;
      const answer = await send('PATCH', '/api/users/me', token, { name: sent });
      const read = await send('GET', '/api/users/me', token);
      if (answer.status === 200 && read.status === 200 && read.body.name !== sent) stale.push(read.body.name);
      // rooms asks users: that its Redis is away is a fault of neither.
      const { status, body } = await post(`/api/rooms/${room.id}/invitations`, { userId });
      if (status >= 300) invitations.add(`${status} ${body.code}`);
      return { answer, value: n };
    },
    0,
  );
  expect(withoutAway([...refusals, ...invitations])).toEqual([]);
  expect(stale).toEqual([]);
  const { name } = (await send('GET', '/api/users/me', token)).body;
  expect(Number(name.slice('Ada '.length))).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0);
});

describe('mails', () => {
  test.each([
    ['notify', 'notify'],
    ['its Redis', 'notify-redis'],
  ])('about invitations that were made while %s was killed all arrive, one each', async (_, part) => {
    const room = (await post('/api/rooms', { name: 'Standup' })).body;
    const { acknowledged, refusals } = await writeWhileKilling(
      part,
      async () => {
        const email = `${crypto.randomUUID()}@example.org`;
        return { answer: await post(`/api/rooms/${room.id}/invitations`, { email }), value: email };
      },
      0,
    );
    expect(refusals).toEqual([]);
    for (const email of acknowledged) {
      await until(`a mail to ${email}`, async () => (await mailsTo(email)).length === 1, 120_000);
    }
  });
});
