import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  declareQueues,
  freePort,
  type RabbitmqHost,
  sharedRabbitmq,
  startRedis,
  type TestRedis,
  waitFor,
} from '../../src/testing/index.ts';
import { eventProperties, newQueue, startOutsider, startPlayer } from './stage.ts';

let rabbitmq: RabbitmqHost;
let redis: TestRedis;

beforeAll(async () => {
  rabbitmq = await sharedRabbitmq();
  redis = await startRedis();
}, 150_000);

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rabbitmq[Symbol.asyncDispose]();
});

/** A service as a process that is started again whenever it dies, as Nomad does. */
async function startProcess(queues: string) {
  const port = await freePort();
  let child: ChildProcess;
  let ended = false;
  let starts = 0;
  const errors: string[] = [];
  const start = () => {
    starts++;
    child = spawn(process.execPath, [join(import.meta.dirname, 'player-process.ts')], {
      env: {
        PATH: process.env.PATH,
        RABBITMQ_URL: rabbitmq.url,
        REDIS_URL: redis.url,
        QUEUES: queues,
        PORT: String(port),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', () => {});
    child.stderr?.on('data', (text) => errors.push(String(text)));
    child.once('exit', () => {
      if (!ended) start();
    });
  };
  start();
  return {
    errors,
    get starts() {
      return starts;
    },
    url: `http://127.0.0.1:${port}`,
    kill: () => child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      ended = true;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('killed between the effect and the acknowledgement: the effect happens once', async () => {
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({ url: rabbitmq.url, redis });
  const queues = await declareQueues(rabbitmq.url, [{ queue, events: ['thing.made'], prefetch: 3 }]);
  await using service = await startProcess(queues);
  const ids = Array.from({ length: 20 }, (_, index) =>
    index % 10 === 5 ? `die-after-${index}` : `plain-${index}`,
  );
  for (const id of ids) outsider.send(queue, JSON.stringify({ id, size: 1 }), eventProperties('thing.made'));
  const effects = () => player.context.redis.mget(...ids.map((id) => `effect:${id}`));
  await waitFor('all are handled', async () => (await effects()).every((times) => times !== null), 80_000);
  await waitFor('and acknowledged', async () => (await outsider.depth(queue)) === 0);
  expect(new Set(await effects())).toEqual(new Set(['1']));
  expect(service.starts).toBe(3);
  expect(await outsider.depth(`${queue}.dead`)).toBe(0);
}, 180_000);

test('a message that kills the process each time becomes a dead letter, and the others are handled', async () => {
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({ url: rabbitmq.url, redis });
  const queues = await declareQueues(rabbitmq.url, [
    { queue, events: ['thing.made'], prefetch: 1, deliveryLimit: 1 },
  ]);
  await using service = await startProcess(queues);
  for (const id of ['poison', 'after-poison']) {
    outsider.send(queue, JSON.stringify({ id, size: 1 }), eventProperties('thing.made'));
  }
  const letter = await waitFor('a dead letter', () => outsider.take(`${queue}.dead`), 80_000);
  expect(JSON.parse(letter.content.toString())).toEqual({ id: 'poison', size: 1 });
  expect(letter.properties.headers?.['x-death']?.[0]).toMatchObject({ reason: 'delivery_limit', queue });
  await waitFor('the other one is handled', () => player.context.redis.get('effect:after-poison'), 60_000);
  expect(service.starts).toBe(3);
}, 240_000);

test('killed while it publishes: what was changed is told, once each, by whoever takes over', async () => {
  const queue = newQueue();
  await using outsider = await startOutsider(rabbitmq.url);
  await using player = await startPlayer({
    url: rabbitmq.url,
    redis,
    otherQueues: [{ queue, events: ['thing.made'] }],
  });
  const own = { queue: newQueue(), events: ['thing.made'] };
  await using service = await startProcess(await declareQueues(rabbitmq.url, [own]));
  await waitFor('it listens', async () => (await fetch(`${service.url}/healthz/live`)).ok, 60_000);
  const ids = Array.from({ length: 200 }, (_, id) => String(id));
  const waiting = [...ids];
  const sending = Array.from({ length: 4 }, async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (Number(id) % 100 === 50) service.kill();
      const url = `${service.url}/api/player/things/${id}`;
      await waitFor('it is made', async () => (await fetch(url, { method: 'POST' })).ok, 60_000);
    }
  });
  await Promise.all(sending);
  const told = new Map<string, Set<string>>();
  await waitFor(
    'all is told',
    async () => {
      const message = await outsider.take(queue);
      if (message === null)
        return told.size >= ids.length && (await player.context.redis.xlen('events:outbox')) === 0;
      const { id } = JSON.parse(message.content.toString());
      told.set(id, (told.get(id) ?? new Set()).add(String(message.properties.messageId)));
      return false;
    },
    80_000,
  );
  expect([...told.keys()].sort()).toEqual(ids.toSorted());
  expect([...told.values()].every((messageIds) => messageIds.size === 1)).toBe(true);
  expect(service.starts).toBe(3);
}, 240_000);
