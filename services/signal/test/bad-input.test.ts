import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LARGEST_FRAME, methods, PROTOCOL_VERSION } from '../src/protocol/index.ts';
import { type Stage, setStage } from './support.ts';

let stage: Stage;
let url: string;

beforeAll(async () => {
  stage = await setStage();
  ({ url } = await stage.start());
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('who may begin', () => {
  test.each([
    ['no grant at all', 'nonsense'],
    ['an access token', () => stage.rooms.token('ada')],
    [
      'a grant of somebody else',
      () =>
        stage.rooms.token(
          'ada',
          { room: 'r1' },
          { issuer: 'tandem/eve', type: 'grant+jwt', audience: 'tandem/call' },
        ),
    ],
    [
      'an expired grant',
      () =>
        stage.rooms.token(
          'ada',
          { room: 'r1' },
          { type: 'grant+jwt', audience: 'tandem/call', lifetimeS: -60 },
        ),
    ],
    ['a grant of the lobby', () => stage.grant('ada', { role: 'lobby', permissions: [] })],
    ['a grant without a room', () => stage.grant('ada', { room: 7 })],
  ])('not %s', async (_what, made) => {
    const client = await stage.connect(url);
    const grant = typeof made === 'string' ? made : made();
    client.send({ type: 'hello', version: PROTOCOL_VERSION, grant });
    expect(await client.next('bye')).toMatchObject({ reason: 'refused', refusal: { code: 'grant-refused' } });
    expect(await client.closed()).toBe(1008);
  });

  test('nobody with the token of another session', async () => {
    const [ada, eve] = [await stage.enter(url, 'ada'), await stage.enter(url, 'eve')];
    const thief = await stage.connect(url);
    const { session, seen } = ada.welcome;
    thief.send({ type: 'resume', version: PROTOCOL_VERSION, session, token: eve.welcome.token, seen });
    expect(await thief.next('bye')).toMatchObject({ reason: 'ended' });
    expect(await ada.call('self.hand', { raised: true })).toMatchObject({ ok: true });
  });

  test('another version is told so', async () => {
    const client = await stage.connect(url);
    client.send({ type: 'hello', version: 99, grant: stage.grant('ada') });
    expect(await client.next('fault')).toMatchObject({ refusal: { code: 'malformed-message' } });
  });

  test('nothing can be asked before, and hello comes once', async () => {
    const client = await stage.connect(url);
    expect(await client.call('self.hand', { raised: true })).toMatchObject({
      refusal: { code: 'hello-expected' },
    });
    client.send({ type: 'hello', version: PROTOCOL_VERSION, grant: stage.grant('ada') });
    client.send({ type: 'hello', version: PROTOCOL_VERSION, grant: stage.grant('eve') });
    expect(await client.next('fault')).toMatchObject({ refusal: { code: 'hello-expected' } });
    await client.next('welcome');
  });
});

describe('a message that is none', () => {
  test.each([
    ['no JSON', '{"type":'],
    ['no object', '[]'],
    ['null', 'null'],
    ['an unknown type', '{"type":"shutdown"}'],
    ['polluting', '{"type":"request","id":1,"method":"self.hand","params":{},"__proto__":{"a":1}}'],
    ['a huge number', '{"type":"request","id":1e400,"method":"self.hand","params":{}}'],
  ])('%s: is answered, and the session goes on', async (_what, text) => {
    const client = await stage.enter(url, 'ada');
    client.send(text);
    expect(await client.next('fault')).toMatchObject({ refusal: { code: 'malformed-message' } });
    expect(await client.call('self.hand', { raised: false })).toMatchObject({ ok: true });
  });

  test('captions of somebody who may not be heard are refused', async () => {
    const client = await stage.enter(url, 'eve', { permissions: ['receive'] });
    const answer = await client.call('self.caption', { line: 0, text: 'Listen to me!', final: true });
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
  });

  test.each([
    ['an unknown method', 'self.destroy', {}, 'unknown-method'],
    ['a method of every object', 'constructor', {}, 'unknown-method'],
    ['nothing that it needs', 'self.hand', {}, 'malformed-message'],
    ['too much', 'self.hand', { raised: true, user: 'eve' }, 'malformed-message'],
    ['the wrong type', 'self.react', { emoji: ['👏'] }, 'malformed-message'],
    ['more than fits', 'self.react', { emoji: 'x'.repeat(17) }, 'malformed-message'],
    ['a caption of nothing', 'self.caption', { line: 0, text: '', final: true }, 'malformed-message'],
    [
      'a caption longer than a screen',
      'self.caption',
      { line: 0, text: 'x'.repeat(301), final: true },
      'malformed-message',
    ],
    [
      'words put into the mouth of somebody else',
      'self.caption',
      { line: 0, text: 'x', final: true, participant: 'bob' },
      'malformed-message',
    ],
    ['media without having entered', 'media.transport', { peer: 'x', direction: 'send' }, 'no-media'],
  ])('a request with %s is refused', async (_what, method, params, code) => {
    const client = await stage.enter(url, 'ada');
    expect(await client.call(method, params)).toMatchObject({ ok: false, refusal: { code } });
    expect(await client.call('self.hand', { raised: false })).toMatchObject({ ok: true });
  });

  test('too large a one ends the connection, and no other', async () => {
    const [ada, eve] = [await stage.enter(url, 'ada'), await stage.enter(url, 'eve')];
    eve.send(JSON.stringify({ type: 'request', id: 1, method: 'x'.repeat(LARGEST_FRAME), params: {} }));
    expect(await eve.closed()).toBe(1009);
    expect(await ada.call('self.hand', { raised: true })).toMatchObject({ ok: true });
  });

  test('many of them, or many requests, end or slow down whoever sends them', async () => {
    const eve = await stage.enter(url, 'eve');
    for (let i = 0; i < 25; i++) eve.send('nonsense');
    expect(await eve.closed()).toBe(1008);
    const mallory = await stage.enter(url, 'mallory');
    const answers = await Promise.all(
      Array.from({ length: 400 }, () => mallory.call('self.hand', { raised: true })),
    );
    const refused = answers.filter((answer) => !answer.ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ refusal: { code: 'too-many-requests' } });
  });

  test('whatever comes, it is answered and nothing breaks', async () => {
    // Whoever leaves is answered nothing after that.
    const names = fc.constantFrom(...Object.keys(methods).filter((name) => name !== 'self.leave'), 'none');
    const frame = fc.oneof(
      fc.json(),
      fc
        .record({
          type: fc.constant('request'),
          id: fc.integer({ min: 1_000 }),
          method: names,
          params: fc.dictionary(fc.string(), fc.jsonValue()),
        })
        .map((value) => JSON.stringify(value)),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 15 }), async (texts) => {
        const client = await stage.enter(url, 'fuzz');
        for (const text of texts) client.send(text);
        expect(await client.call('self.leave')).toMatchObject({ ok: true });
        expect(JSON.stringify(client.frames)).not.toContain('internal-error');
        client.socket.terminate();
      }),
      { numRuns: 40 },
    );
    expect(stage.log.text).not.toContain('"level":"fatal"');
  });
});
