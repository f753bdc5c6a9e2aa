import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../src/log.ts';
import { isAfter, StreamFeeds } from '../src/redis/stream-feeds.ts';
import { startRedis, type TestRedis, waitFor } from '../src/testing/index.ts';

interface Said {
  place: string;
  text: string;
}

let server: TestRedis;
let redis: ReturnType<TestRedis['connect']>;
let feeds: StreamFeeds<Said>;
let reads: string[];
const ends: AbortController[] = [];
const PAGE = 3;
const log = createLogger(
  { service: 'test', version: '', environment: '', cloud: '', allocation: undefined },
  'silent',
);

beforeAll(async () => {
  server = await startRedis();
  redis = server.connect();
});
afterAll(async () => {
  await redis.quit();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis.flushall();
  reads = [];
  feeds = new StreamFeeds<Said>({
    ...{ wakes: server.connect(), channel: 'said', lookMs: 200, page: PAGE },
    log,
    async after(stream, place) {
      reads.push(place);
      const found = await redis.xrange(stream, `(${place}`, '+', 'COUNT', PAGE);
      return found.map(([id, fields]) => ({ place: id, text: fields[1] ?? '' }));
    },
    latest: async (stream) => (await redis.xrevrange(stream, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0',
    placeOf: ({ place }) => place,
  });
});
afterEach(() => {
  for (const end of ends.splice(0)) end.abort();
  feeds.close();
});

async function say(text: string): Promise<string> {
  const id = await redis.xadd('room', '*', 'text', text);
  await redis.publish('said', 'room');
  return id ?? '';
}

async function listen(place: string) {
  const heard: string[] = [];
  const end = new AbortController();
  ends.push(end);
  await feeds.follow('room', place, (said) => heard.push(said?.text ?? 'lost'), end.signal);
  return { heard, end };
}

const all = (heard: string[], ...texts: string[]) =>
  waitFor(`${texts} is heard`, () => heard.length >= texts.length).then(() => expect(heard).toEqual(texts));

test('whoever reads on gets what was before, page by page, and then what comes, in its order', async () => {
  const first = await say('1');
  for (const text of ['2', '3', '4', '5', '6', '7']) await say(text);
  const early = await listen('0-0');
  const late = await listen(first);
  expect(early.heard).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  await say('8');
  await all(early.heard, '1', '2', '3', '4', '5', '6', '7', '8');
  await all(late.heard, '2', '3', '4', '5', '6', '7', '8');
});

test('many readers of a stream cost one read', async () => {
  const place = await say('before');
  const readers = await Promise.all(Array.from({ length: 20 }, () => listen(place)));
  await say('now');
  for (const { heard } of readers) await all(heard, 'now');
  expect(reads.filter((each) => each === place).length).toBeLessThan(10);
});

test('a place that nobody has written to yet keeps nobody from hearing', async () => {
  const liar = await listen('99999999999999-0');
  const honest = await listen('0-0');
  await say('for everybody');
  await all(honest.heard, 'for everybody');
  expect(liar.heard).toEqual([]);
});

test('whoever has ended hears nothing more, and a stream without readers is not read', async () => {
  const { heard, end } = await listen('0-0');
  end.abort();
  expect(feeds.streams()).toEqual([]);
  await say('to nobody');
  const other = await listen('0-0');
  await all(other.heard, 'to nobody');
  expect(heard).toEqual([]);
});

test('a wake-up that was lost is made up for', async () => {
  const { heard } = await listen('0-0');
  await redis.xadd('room', '*', 'text', 'unannounced');
  await all(heard, 'unannounced');
});

test('what is lost is told, and reading goes on behind it', async () => {
  const lossy = new StreamFeeds<Said>({
    ...{ wakes: server.connect(), channel: 'said', lookMs: 50, page: PAGE },
    log,
    after: async (_stream, place) =>
      place === '0-0' ? null : place === '5-0' ? [{ place: '6-0', text: 'six' }] : [],
    latest: async () => '5-0',
    placeOf: ({ place }) => place,
  });
  const heard: (string | undefined)[] = [];
  const end = new AbortController();
  await lossy.follow('room', '0-0', (said) => heard.push(said?.text), end.signal);
  await waitFor('six is heard', () => heard.length === 2);
  expect(heard).toEqual([undefined, 'six']);
  end.abort();
  lossy.close();
});

test('places are numbers', () => {
  expect([isAfter('10-0', '9-0'), isAfter('9-10', '9-9'), isAfter('9-9', '9-9')]).toEqual([
    true,
    true,
    false,
  ]);
});
