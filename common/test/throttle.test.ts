import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { networkOf, type Problem, takeAttempt } from '../src/index.ts';
import { startRedis, type TestRedis, waitFor } from '../src/testing/index.ts';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  await redis.quit();
  await server[Symbol.asyncDispose]();
});

const rule = (name: string, limit: number, windowS = 60) => ({ name, limit, windowS });

async function outcome(...attempt: Parameters<typeof takeAttempt>): Promise<string> {
  return takeAttempt(...attempt).then(
    () => 'taken',
    (problem: Problem) => `${problem.type.code} ${problem.headers['retry-after']}`,
  );
}

test('so many attempts, then 429 with the time to wait; others are not concerned', async () => {
  const login = rule('login', 3);
  for (let attempt = 0; attempt < 3; attempt++) expect(await outcome(redis, [[login, 'ada']])).toBe('taken');
  expect(await outcome(redis, [[login, 'ada']])).toBe('too-many-requests 60');
  expect(await outcome(redis, [[login, 'grace']])).toBe('taken');
});

test('attempts at the same time cannot slip through together', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => outcome(redis, [[rule('parallel', 5), 'ada']])),
  );
  expect(outcomes.filter((result) => result === 'taken')).toHaveLength(5);
});

test('a success does not count', async () => {
  for (let attempt = 0; attempt < 10; attempt++) {
    const taken = await takeAttempt(redis, [[rule('forgiven', 2), 'ada']]);
    await taken.forgive();
  }
});

test('one exhausted rule refuses, and the others do not count what was refused', async () => {
  const [narrow, wide] = [rule('narrow', 1), rule('wide', 2)];
  const both = (who: string): Parameters<typeof takeAttempt>[1] => [
    [wide, 'net'],
    [narrow, who],
  ];
  expect(await outcome(redis, both('ada'))).toBe('taken');
  expect(await outcome(redis, both('ada'))).toMatch('too-many-requests');
  expect(await outcome(redis, both('grace'))).toBe('taken');
});

test('after the window it starts anew', async () => {
  const brief = rule('brief', 1, 1);
  expect(await outcome(redis, [[brief, 'ada']])).toBe('taken');
  await waitFor('a new window', async () => (await outcome(redis, [[brief, 'ada']])) === 'taken');
});

test('who is counted is stored as a digest only', async () => {
  await takeAttempt(redis, [[rule('private', 1), 'ada@example.org']]);
  expect((await redis.keys('*')).join()).not.toContain('ada@example.org');
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0DB8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
