import type { Redis } from '@tandem/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LASTS_S } from '../src/presence-store.ts';
import { newId, type Running, startPresence } from './support.ts';

let presence: Running;
let other: Running;
let redis: Redis;
beforeAll(async () => {
  presence = await startPresence();
  other = await startPresence(presence);
  redis = presence.redis.connect();
});
afterAll(async () => {
  redis?.disconnect();
  await other?.[Symbol.asyncDispose]();
  await presence?.[Symbol.asyncDispose]();
});

test('whoever says it is there, on every instance; nobody else', async () => {
  const [ada, bob, zoe] = [newId(), newId(), newId()];
  expect(await presence.say(ada, 'here')).toBe(200);
  expect(await other.say(bob, 'in-call')).toBe(200);
  for (const instance of [presence, other]) {
    expect(await instance.states(zoe, bob, ada, bob)).toEqual([undefined, 'in-call', 'here', 'in-call']);
  }
});

test('a call begins and ends', async () => {
  const ada = newId();
  for (const state of ['here', 'in-call', 'here'] as const) {
    await presence.say(ada, state);
    expect(await presence.states(ada)).toEqual([state]);
  }
});

test('of several pages each speaks for itself', async () => {
  const ada = newId();
  await presence.say(ada, 'here', 'page-one');
  await presence.say(ada, 'in-call', 'page-two');
  expect(await presence.states(ada)).toEqual(['in-call']);
  const leave = (page: string) => presence.send('DELETE', `/api/presence/me?page=${page}`, ada);
  expect((await leave('page-two')).status).toBe(204);
  expect(await presence.states(ada)).toEqual(['here']);
  await leave('page-one');
  await leave('page-one');
  expect(await presence.states(ada)).toEqual([undefined]);
});

test('a word ends by itself, and nothing of it is left', async () => {
  const ada = newId();
  const { body } = await presence.send('PUT', '/api/presence/me', ada, {
    state: 'in-call',
    page: 'page-one',
  });
  expect(body).toEqual({ againWithinS: LASTS_S });
  for (const key of [`here:${ada}`, `in-call:${ada}`]) {
    expect(await redis.ttl(key)).toBeGreaterThan(LASTS_S - 30);
    // The end of the word has come, and the key is still there.
    await redis.zadd(key, Date.now() - 1, 'page-one');
  }
  expect(await presence.states(ada)).toEqual([undefined]);
});

test('a user with pages without end has the newest ones, and fills nothing', async () => {
  const ada = newId();
  for (let page = 0; page < 30; page++) await presence.say(ada, 'in-call', `page-number-${page}`);
  expect(await redis.zcard(`here:${ada}`)).toBe(20);
  expect(await redis.zcard(`in-call:${ada}`)).toBe(20);
  await presence.send('DELETE', '/api/presence/me?page=page-number-29', ada);
  expect(await redis.zscore(`here:${ada}`, 'page-number-28')).not.toBeNull();
});

describe('what does not fit is refused', () => {
  const id = newId();
  const tooMany = Array.from({ length: 101 }, () => id).join(',');
  test.each([
    ['PUT', '/api/presence/me', { state: 'dead', page: 'page-one' }],
    ['PUT', '/api/presence/me', { state: 'here' }],
    ['PUT', '/api/presence/me', { state: 'here', page: 'a b c d e f' }],
    ['PUT', '/api/presence/me', { state: 'here', page: 'p'.repeat(65) }],
    ['PUT', '/api/presence/me', { state: 'here', page: 'page-one', user: id }],
    ['DELETE', '/api/presence/me', undefined],
    ['GET', '/api/presence', undefined],
    ['GET', '/api/presence?ids=ada', undefined],
    ['GET', `/api/presence?ids=${tooMany}`, undefined],
  ] as const)('%s %s %j', async (method, path, body) => {
    expect((await presence.send(method, path, newId(), body)).status).toBe(422);
  });

  test('without a token, and with that of a guest', async () => {
    expect((await presence.send('GET', `/api/presence?ids=${id}`)).status).toBe(401);
    const guest = `Bearer ${presence.issuer.token(id, { guest: 'A guest' })}`;
    const asked = await presence.service.app.inject({
      url: `/api/presence?ids=${id}`,
      headers: { authorization: guest },
    });
    expect([asked.statusCode, asked.json().code]).toEqual([403, 'guests-not-allowed']);
  });
});
