import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createStaticDiscovery, defineService, type ServiceContext } from '@tandem/common';
import {
  askRabbitmq,
  declareQueues,
  freePort,
  type TestRabbitmq,
  type TestRedis,
  waitFor,
} from '@tandem/common/testing';
import { type BenchContext, type Figure, figure } from '../bench.ts';
import { benchEvent, benchText } from './event.ts';

const messages = 100_000;
const consumers = 2;
const prefetch = 50;
/** Events between two kills: at random between half of it and one and a half. So a slow machine is not killed to death. */
const eventsPerConsumerKill = 2_000;
const eventsPerBrokerKill = 15_000;
const writersAtOnce = 20;
/** Nothing has moved for this long: what is missing is lost. */
const patienceMs = 120_000;

const queue = 'chaos.events';

/**
 * One service publishes 100,000 events while the instances of another one, and RabbitMQ, are killed at random. Each event
 * adds one to a number of its own, so that a lost one shows as none, and one that was processed twice as two.
 */
export async function measureChaos(
  rabbitmq: TestRabbitmq,
  redis: TestRedis,
  { signal, say }: BenchContext,
): Promise<Figure[]> {
  const queues = await declareQueues(rabbitmq.url, [
    { queue, events: ['bench.done'], prefetch, retriesMs: [500, 2_000, 10_000] },
  ]);
  await rabbitmq.restart();
  const { context, stop } = await startPublisher(rabbitmq, redis);
  const instances = Array.from({ length: consumers }, () => startInstance(rabbitmq, redis, queues));
  const ended = new AbortController();
  const over = AbortSignal.any([ended.signal, signal]);
  let brokerKills = 0;
  let arrived = 0;
  const startedAt = performance.now();
  const killing = Promise.all([
    repeat(eventsPerConsumerKill, async () => instances[Math.floor(Math.random() * consumers)]?.kill()),
    repeat(eventsPerBrokerKill, async () => {
      await rabbitmq.kill();
      brokerKills++;
      await rabbitmq.start();
    }),
  ]);
  try {
    await Promise.all([publishAll(context, signal), untilAllArrived()]);
    const seconds = (performance.now() - startedAt) / 1000;
    ended.abort();
    await killing;
    const effects = await context.redis.hvals('effects');
    const dead = await depthOf(rabbitmq, `${queue}.dead`);
    return [
      figure('events published while processes were killed', messages, ''),
      figure('kill -9 of RabbitMQ', brokerKills, ''),
      figure(
        'kill -9 of a consumer',
        instances.reduce((sum, { kills }) => sum + kills, 0),
        '',
      ),
      figure('lost', messages - effects.length, '', { exactly: 0 }),
      figure('processed twice', effects.filter((times) => times !== '1').length, '', { exactly: 0 }),
      figure('dead letters', dead, '', { exactly: 0 }),
      figure('all of it', seconds, 's'),
    ];
  } finally {
    ended.abort();
    await killing.catch(() => {});
    await Promise.all(instances.map((instance) => instance.stop()));
    await stop();
  }

  /** Does something again and again, each time after about so many more events. */
  async function repeat(events: number, work: () => Promise<unknown>): Promise<void> {
    for (let next = 0; !over.aborted; ) {
      next += events * (0.5 + Math.random());
      while (arrived < next && !over.aborted) await sleep(50, undefined, { signal: over }).catch(() => {});
      if (!over.aborted) await work();
    }
  }

  async function untilAllArrived(): Promise<void> {
    let since = performance.now();
    while (arrived < messages && performance.now() - since < patienceMs) {
      await sleep(250, undefined, { signal });
      const now = await context.redis.hlen('effects');
      if (now > arrived) since = performance.now();
      arrived = now;
      say(
        `${arrived} of ${messages} events, RabbitMQ killed ${brokerKills} times`,
        0.5 + arrived / messages / 2,
      );
    }
    // What is still on its way, a copy for example, has a moment to do harm.
    await waitFor('the queue is empty', async () => (await depthOf(rabbitmq, queue)) === 0, patienceMs);
  }
}

/** Every event once: a step that was refused, or whose answer was lost, is asked for again where it did not happen. */
async function publishAll({ change, redis }: Context, signal: AbortSignal): Promise<void> {
  let next = 0;
  const write = async () => {
    while (next < messages) {
      const number = next++;
      while (!(await written(number))) await sleep(50, undefined, { signal });
    }
  };
  const written = async (number: number) => {
    const script = `
      if redis.call('SETBIT', KEYS[1], ARGV[1], 1) == 1 then return 'was there' end
      publish()
      return 'written'
    `;
    const publish = [benchEvent({ number, text: benchText })];
    return change({ script, keys: ['written'], args: [number], publish }).then(
      () => true,
      () => false,
    );
  };
  await Promise.all(Array.from({ length: writersAtOnce }, write));
  await redis.ping();
}

type Context = ServiceContext<Record<never, never>, never>;

async function startPublisher(rabbitmq: TestRabbitmq, redis: TestRedis) {
  const { promise, resolve } = Promise.withResolvers<Context>();
  const service = await defineService({
    name: 'publisher',
    description: '',
    redis: true,
    publishes: [benchEvent],
    routes: (_app, context) => resolve(context),
  }).build({
    env: { RABBITMQ_URL: rabbitmq.url, REDIS_URL: redis.url, LOG_LEVEL: 'silent' },
    discovery: createStaticDiscovery({}),
  });
  const context = await promise;
  await waitFor('connected to Redis', () => context.redis.ping());
  return { context, stop: () => service.stop() };
}

/** An instance that is started again whenever it dies, as Nomad does. */
function startInstance(rabbitmq: TestRabbitmq, redis: TestRedis, queues: string) {
  let child: ChildProcess | null = null;
  let ended = false;
  let kills = 0;
  const start = async () => {
    const port = await freePort();
    if (ended) return;
    const env = { RABBITMQ_URL: rabbitmq.url, REDIS_URL: redis.url, QUEUES: queues, PORT: String(port) };
    const program = join(import.meta.dirname, 'chaos-service.ts');
    child = spawn(process.execPath, [program], {
      env: { ...env, PATH: process.env.PATH, LOG_LEVEL: 'silent' },
      stdio: 'ignore',
    });
    child.once('exit', () => void start());
  };
  const started = start();
  return {
    get kills() {
      return kills;
    },
    kill() {
      if (child?.kill('SIGKILL') === true) kills++;
    },
    async stop() {
      await started;
      ended = true;
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function depthOf({ management }: TestRabbitmq, name: string): Promise<number> {
  const path = `queues/%2F/${encodeURIComponent(name)}/get`;
  const body = { count: 100_000, ackmode: 'ack_requeue_true', encoding: 'auto', truncate: 1 };
  const found: unknown = await askRabbitmq(management, 'POST', path, body);
  return Array.isArray(found) ? found.length : 0;
}
