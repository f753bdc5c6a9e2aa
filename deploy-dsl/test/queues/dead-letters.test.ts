import { declareQueues, type RabbitmqHost, sharedRabbitmq } from '@tandem/common/testing';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Rabbitmq } from '../../src/cluster/rabbitmq.ts';
import { letterData, letterLines, listLines } from '../../src/queues/dead-letter-view.ts';
import {
  discardLetters,
  findLetters,
  type Letters,
  listLetters,
  replayLetters,
} from '../../src/queues/dead-letters.ts';
import { plainTerminal } from '../support/plain-terminal.ts';

let host: RabbitmqHost;
let connection: ChannelModel;
let channel: ConfirmChannel;
let letters: Letters;
let queue: string;
let number = 0;

beforeAll(async () => {
  host = await sharedRabbitmq();
  connection = await connect(host.url);
  channel = await connection.createConfirmChannel();
}, 150_000);

afterAll(async () => {
  await connection?.close();
  await host?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  queue = `search.${++number}`;
  await declareQueues(host.url, [{ queue, events: [] }]);
  const rabbitmq = new Rabbitmq({
    address: host.management,
    user: 'guest',
    password: 'guest',
    local: true,
    vhost: host.name,
  });
  letters = { rabbitmq, local: true, queue, signal: new AbortController().signal };
});

/** A message as a consumer leaves it when it has given it up (docs/queues.md). */
async function bury(
  messageId: string,
  body: string | Buffer = '{"id":1}',
  headers: object = {},
): Promise<void> {
  channel.sendToQueue(`${queue}.dead`, Buffer.from(body), {
    messageId,
    type: 'room.created',
    appId: 'rooms',
    persistent: true,
    headers: {
      'x-event-version': 1,
      'x-attempt': 3,
      'x-first-failed-at': '2026-11-21T14:00:00.000Z',
      'x-failed-at': '2026-11-21T14:11:00.000Z',
      'x-error-code': 'handler-failed',
      'x-error': 'Error: the index is full',
      'x-queue': queue,
      'x-service': 'search',
      'x-service-version': '0.3.0',
      ...headers,
    },
  });
  await channel.waitForConfirms();
}

const depth = async (name: string) => (await channel.checkQueue(name)).messageCount;
const bodies = async (name: string) => {
  const found: string[] = [];
  for (let message = await channel.get(name); message !== false; message = await channel.get(name)) {
    found.push(message.content.toString());
    channel.ack(message);
  }
  return found;
};

test('looking at them changes nothing, however often: RabbitMQ drops none for it', async () => {
  await bury('a');
  await bury('b');
  for (let look = 0; look < 30; look++) {
    const { letters: listed, total } = await listLetters(letters, 1);
    expect([listed.length, total], `look ${look}`).toEqual([1, 2]);
  }
  const [found] = await findLetters(letters, 'b');
  expect(found).toMatchObject({ id: 'b', code: 'handler-failed', attempts: 3, service: 'search' });
  await expect.poll(() => depth(`${queue}.dead`), { timeout: 60_000 }).toBe(2);
});

test('one is replayed: in its own queue as before it failed, and no longer among the dead letters', async () => {
  for (const id of ['a', 'b', 'c']) await bury(id, `"${id}"`);
  expect(await replayLetters(letters, 'b')).toEqual({ count: 1, left: 2 });
  const message = await channel.get(queue, { noAck: true });
  if (message === false) throw new Error('nothing came back');
  expect(message.content.toString()).toBe('"b"');
  expect(message.properties).toMatchObject({ messageId: 'b', type: 'room.created', deliveryMode: 2 });
  const { 'x-delivery-count': _, ...headers } = message.properties.headers ?? {};
  expect(headers).toEqual({ 'x-event-version': 1, 'x-replays': 1 });
  expect((await bodies(`${queue}.dead`)).sort()).toEqual(['"a"', '"c"']);
});

test('all are replayed once, even where each comes straight back', async () => {
  for (let id = 0; id < 20; id++) await bury(`m${id}`, String(id));
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message !== null) channel.nack(message, false, false);
  });
  expect(await replayLetters(letters, null)).toEqual({ count: 20, left: 0 });
  await expect.poll(() => depth(`${queue}.dead`), { timeout: 60_000 }).toBe(20);
  await channel.cancel(consumerTag);
  const { letters: listed } = await listLetters(letters, 100);
  expect(listed.map(({ replays }) => replays)).toEqual(Array(20).fill(1));
  expect(new Set(listed.map(({ id }) => id)).size).toBe(20);
});

test('interrupted in the middle, every message is in one of the two queues, and it says how far it came', async () => {
  for (let id = 0; id < 10; id++) await bury(`m${id}`, String(id));
  const interrupted = new AbortController();
  let came = 0;
  const { consumerTag } = await channel.consume(queue, () => {
    if (++came === 3) interrupted.abort();
  });
  const { count, left } = await replayLetters({ ...letters, signal: interrupted.signal }, null);
  expect(count).toBeGreaterThanOrEqual(3);
  expect(count + left).toBe(10);
  await expect.poll(() => came, { timeout: 60_000 }).toBe(count);
  await channel.cancel(consumerTag);
  await expect.poll(() => depth(`${queue}.dead`), { timeout: 60_000 }).toBe(left);
});

test('without the queue to go back to, a dead letter stays', async () => {
  await bury('a');
  await channel.deleteQueue(queue);
  await expect(replayLetters(letters, null)).rejects.toMatchObject({
    exitCode: 1,
    diagnostics: [{ code: 'TDM-381' }],
  });
  await expect.poll(() => depth(`${queue}.dead`), { timeout: 60_000 }).toBe(1);
});

test('discarded ones are gone, the others stay', async () => {
  for (const id of ['a', 'b', 'c']) await bury(id);
  expect(await discardLetters(letters, 'b')).toEqual({ count: 1, left: 2 });
  expect(await discardLetters(letters, null)).toEqual({ count: 2, left: 0 });
  expect(await discardLetters(letters, null)).toEqual({ count: 0, left: 0 });
});

test('an id that is not there, a queue that is not there, and RabbitMQ away each say so', async () => {
  const code = (wanted: string, exitCode: number) => ({ exitCode, diagnostics: [{ code: wanted }] });
  await bury('a');
  for (const act of [findLetters, replayLetters, discardLetters]) {
    await expect(act(letters, 'b')).rejects.toMatchObject(code('TDM-382', 2));
  }
  await expect(listLetters({ ...letters, queue: 'none' }, 1)).rejects.toMatchObject(code('TDM-381', 1));
  const away = new Rabbitmq({ address: 'http://127.0.0.1:9', user: 'guest', password: 'x', local: true });
  await expect(listLetters({ ...letters, rabbitmq: away }, 1)).rejects.toMatchObject(code('TDM-300', 1));
});

test('what others have written moves no cursor, fits a narrow screen, and is shown whole as data', async () => {
  await bury('a', '{"name":"\\u001b]0;title\\u0007x"}', { 'x-error': 'bad\u001b[2J\u0007\nsecond line' });
  await bury('b', Buffer.from([0xff, 0xfe]));
  await bury('', 'no id \u009b31m', { 'x-odd': { deep: ['x'] } });
  const now = Date.parse('2026-11-21T14:21:00.000Z');
  const listed = await listLetters(letters, 100);
  for (const width of [40, 200]) {
    const lines = listLines(plainTerminal({ width }), queue, listed, now);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines[0]).toBe(width === 40 ? 'a  room.created, 10 m ago, 3 tries' : lines[0]);
    expect(lines[1]).toContain('handler-failed');
  }
  const shown = [];
  for (const { id } of listed.letters) {
    for (const letter of await findLetters(letters, id)) {
      shown.push(...letterLines(plainTerminal({ width: 60 }), letter, now));
      expect(Buffer.from(JSON.parse(JSON.stringify(letterData(letter))).body, 'utf8').length).toBeGreaterThan(
        0,
      );
    }
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
  expect(shown.join('\n')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  expect(shown.join('\n')).toContain('reason  bad� second line');
  expect(shown).toContain('(binary, 2 B: --json shows it in base64)');
  expect(
    listLines(plainTerminal(), queue, { letters: listed.letters.slice(0, 1), total: 3 }, now).at(-1),
  ).toBe('2 more: --limit 3 shows all');
});
