import { waitFor } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LARGEST_TEXT, type Message } from '../src/schemas.ts';
import { newId, type Running, startChat } from './support.ts';

let chat: Running;
beforeAll(async () => {
  chat = await startChat();
});
afterAll(() => chat[Symbol.asyncDispose]());

const inRoom = () => ({ room: newId() });
const textsOf = (messages: readonly Message[]) => messages.map(({ text }) => text);

describe('who is in a room', () => {
  test('reads what the others write, page by page, the last one first', async () => {
    const claims = inRoom();
    for (let n = 1; n <= 7; n++) await chat.write(n % 2 === 0 ? 'ada' : 'bob', `${n}`, newId(), claims);
    const read = (query: string) => chat.send('GET', `/api/chat/messages${query}`, chat.grant('eve', claims));

    const last = (await read('?limit=3')).body;
    expect(textsOf(last.messages)).toEqual(['5', '6', '7']);
    expect(last.messages[0]).toMatchObject({ user: 'bob', name: 'Name of bob' });
    expect(Math.abs(Date.parse(last.messages[0].sentAt) - Date.now())).toBeLessThan(60_000);
    const middle = (await read(`?limit=3&before=${last.before}`)).body;
    expect(textsOf(middle.messages)).toEqual(['2', '3', '4']);
    const first = (await read(`?limit=3&before=${middle.before}`)).body;
    expect(textsOf(first.messages)).toEqual(['1']);
    expect(first.before).toBeNull();
    for (const place of ['0-0', '000-00'])
      expect((await read(`?before=${place}`)).body).toMatchObject({ messages: [], before: null });
  });

  test('writes a message once, however often it is sent', async () => {
    const claims = inRoom();
    const id = newId();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => chat.write('ada', 'Hello', id, claims)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.cursor)).size).toBe(1);
    // Another text under the same id is not another message; the same id of somebody else is.
    expect((await chat.write('ada', 'Good-bye', id, claims)).body.text).toBe('Hello');
    expect((await chat.write('bob', 'Hi', id, claims)).status).toBe(201);
    const { body } = await chat.send('GET', '/api/chat/messages', chat.grant('eve', claims));
    expect(textsOf(body.messages)).toEqual(['Hello', 'Hi']);
  });

  test('has unread what others wrote behind the own mark, which never goes back', async () => {
    const claims = inRoom();
    const marks = async () => {
      const { body } = await chat.send('GET', '/api/chat/messages', chat.grant('ada', claims));
      return [body.read, body.unread];
    };
    const cursors: string[] = [];
    for (const text of ['1', '2', '3'])
      cursors.push((await chat.write('bob', text, newId(), claims)).body.cursor);
    await chat.write('ada', 'mine', newId(), claims);
    expect(await marks()).toEqual([null, 3]);
    const read = (upTo?: string) => chat.send('PUT', '/api/chat/read', chat.grant('ada', claims), { upTo });
    expect((await read(cursors[1])).status).toBe(204);
    expect(await marks()).toEqual([cursors[1], 1]);
    await read(cursors[0]);
    expect(await marks()).toEqual([cursors[1], 1]);
    // Two messages of one millisecond differ in their counters, which are numbers.
    const [time] = String(cursors[2]).split('-');
    await read(`${time}-9`);
    await read(`${time}-10`);
    expect(await marks()).toEqual([`${time}-10`, 0]);
  });

  test('is told what is written on another instance, after what was missed, and nothing of another room', async () => {
    const [claims, other] = [inRoom(), inRoom()];
    const first = (await chat.write('ada', '1', newId(), claims)).body;
    await chat.write('ada', '2', newId(), claims);
    using resumed = await chat.listen(chat.grant('bob', claims), first.cursor);
    using fresh = await chat.listen(chat.grant('bob', claims));
    await waitFor('what was missed', async () => resumed.messages.length === 1 || null);
    await chat.write('eve', 'elsewhere', newId(), other);
    for (let n = 3; n <= 20; n++) await chat.write('ada', `${n}`, newId(), claims);
    await waitFor('what is written', async () => fresh.messages.length === 18 || null);
    await waitFor('what is written', async () => resumed.messages.length === 19 || null);
    const expected = Array.from({ length: 19 }, (_, index) => `${index + 2}`);
    expect(textsOf(resumed.messages)).toEqual(expected);
    expect(textsOf(fresh.messages)).toEqual(expected.slice(1));
  });

  test('who missed a thousand messages gets them all', async () => {
    const claims = inRoom();
    const redis = chat.redis.connect();
    const message = JSON.stringify({ id: newId(), user: 'ada', name: '', text: 'x' });
    const pipeline = redis.pipeline();
    for (let n = 0; n < 1_000; n++) pipeline.xadd(`room:${claims.room}:messages`, '*', 'message', message);
    await pipeline.exec();
    redis.disconnect();
    using resumed = await chat.listen(chat.grant('bob', claims), '0-0');
    await waitFor('all', async () => resumed.messages.length === 1_000 || null);
  });

  test('is told nothing more once the grant has ended', async () => {
    const short = await chat.listen(chat.grant('bob', inRoom(), { lifetimeS: 2 }));
    await short.ended;
  });

  test('goes on elsewhere when an instance stops, and loses nothing while Redis is away', async () => {
    await using own = await startChat();
    const reader = await own.listen(own.grant('bob'));
    await own.write('ada', 'before');
    await waitFor('it came', async () => reader.messages.length === 1 || null);
    await own.redis.kill();
    expect(await own.write('ada', 'meanwhile')).toMatchObject({
      status: 503,
      code: 'dependency-unavailable',
    });
    await own.redis.start();
    await waitFor('it is written', async () => (await own.write('ada', 'after')).status === 201 || null);
    await waitFor('it came', async () => textsOf(reader.messages).includes('after') || null);
    await own.services[1]?.stop();
    await reader.ended;
  });
});

describe('nobody', () => {
  test.each([
    ['without a grant', () => undefined, 401, 'grant-refused'],
    ['with an access token', () => `Bearer ${chat.rooms.token('ada')}`, 401, 'grant-refused'],
    ['with a grant that has expired', () => chat.grant('ada', {}, { lifetimeS: -60 }), 401, 'grant-refused'],
    [
      'with a grant of somebody else',
      () => chat.grant('ada', {}, { issuer: 'tandem/eve' }),
      401,
      'grant-refused',
    ],
    ['with a grant for no room', () => chat.grant('ada', { room: 7 }), 401, 'grant-refused'],
    ['from the lobby', () => chat.grant('ada', { permissions: [] }), 403, 'not-permitted'],
  ])('%s reads or writes', async (_who, made, status, code) => {
    const requests = [
      chat.send('GET', '/api/chat/messages', made()),
      chat.send('GET', '/api/chat/events', made()),
      chat.send('PUT', '/api/chat/read', made(), { upTo: '1-0' }),
      chat.send('POST', '/api/chat/messages', made(), { id: newId(), text: 'x' }),
    ];
    for (const answer of await Promise.all(requests)) expect(answer).toMatchObject({ status, code });
  });

  test('writes who may only read', async () => {
    const answer = await chat.write('ada', 'x', newId(), { permissions: ['receive'] });
    expect(answer).toMatchObject({ status: 403, code: 'not-permitted' });
  });

  test.each([
    ['blank', ' \n\t ', 'text-refused'],
    ['longer than 4 KiB in UTF-8', '€'.repeat(LARGEST_TEXT / 3 + 1), 'text-refused'],
    ['longer than 4 KiB', 'x'.repeat(LARGEST_TEXT + 1), 'invalid-request'],
    ['empty', '', 'invalid-request'],
    ['with control characters', 'a\u0007b', 'invalid-request'],
    ['with half a character', 'a\ud83db', 'invalid-request'],
    ['no text', ['x'], 'invalid-request'],
  ])('writes what is %s', async (_what, text, code) => {
    const answer = await chat.send('POST', '/api/chat/messages', chat.grant('ada'), { id: newId(), text });
    expect(answer).toMatchObject({ status: 422, code });
  });

  test('writes faster than people do', async () => {
    const claims = inRoom();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => chat.write('mallory', 'spam', newId(), claims)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect((await chat.write('grace', 'Hello', newId(), claims)).status).toBe(201);
  });
});

test('smileys, several lines and right-to-left text come as they were written', async () => {
  const claims = inRoom();
  for (const text of ['👩‍👩‍👧‍👦 ❤️', 'a\n\tb', 'שלום', '<script>alert(1)</script>', '€'.repeat(1_365)]) {
    expect((await chat.write('hedy', text, newId(), claims)).body?.text).toBe(text);
  }
});
