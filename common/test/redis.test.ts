import { expect, test } from 'vitest';
import { createStaticDiscovery, type Instance, UnavailableError } from '../src/index.ts';
import { createLogger } from '../src/log.ts';
import { createRedis } from '../src/redis/redis.ts';
import { collectLog, freePort, startRedis, waitFor } from '../src/testing/index.ts';
import { startDemo } from './support/demo.ts';

const identity = {
  service: 'test',
  version: '1',
  environment: 'test',
  cloud: 'local',
  allocation: undefined,
};

function connection(instances: Instance[]) {
  const log = collectLog();
  const discovery = createStaticDiscovery({ 'test-redis': instances });
  const redis = createRedis({
    address: { service: 'test-redis', discovery },
    password: undefined,
    clientName: 'test',
    log: createLogger(identity, 'info', log),
  });
  return { redis, log, [Symbol.dispose]: () => redis.disconnect() };
}

const at = (port: number, passing = true): Instance => ({
  id: `redis-${port}`,
  host: '127.0.0.1',
  port,
  passing,
});

test('killed: commands fail at once and typed; back: they work again, on data that was kept', async () => {
  await using server = await startRedis();
  using client = connection([at(server.port)]);
  await waitFor('connected', async () => (await client.redis.set('kept', 'yes')) === 'OK');
  await server.kill();
  await waitFor('noticed', () => client.redis.status !== 'ready');
  await expect(client.redis.get('kept')).rejects.toBeInstanceOf(UnavailableError);
  await server.start();
  await waitFor('reconnected', async () => (await client.redis.get('kept')) === 'yes');
  const messages = client.log.lines.map(({ msg }) => msg);
  expect(messages).toEqual(['Redis is away', 'Redis is back']);
});

test('moved to another address: it is looked up again', async () => {
  await using first = await startRedis();
  await using second = await startRedis();
  const instances = [at(first.port)];
  using client = connection(instances);
  await waitFor('connected to the first', async () => (await client.redis.set('where', 'first')) === 'OK');
  instances.splice(0, 1, at(second.port));
  await first.kill();
  await waitFor('connected to the second', async () => (await client.redis.set('where', 'second')) === 'OK');
});

test('not registered yet, then registered', async () => {
  await using server = await startRedis();
  const instances: Instance[] = [];
  using client = connection(instances);
  await expect(client.redis.ping()).rejects.toBeInstanceOf(UnavailableError);
  await waitFor('the reason is in the log', () => client.log.text.includes('it is not registered'));
  instances.push(at(server.port));
  await waitFor('connected', async () => (await client.redis.ping()) === 'PONG');
});

test('an instance that is registered but gone does not stand in the way of the other', async () => {
  await using server = await startRedis();
  using client = connection([at(await freePort()), at(server.port, false)]);
  await waitFor('connected', async () => (await client.redis.ping()) === 'PONG');
});

test('frozen: commands give up, the dead connection is dropped, and the next one works', async () => {
  await using server = await startRedis();
  using client = connection([at(server.port)]);
  await waitFor('connected', async () => (await client.redis.ping()) === 'PONG');
  server.freeze();
  await expect(client.redis.ping()).rejects.toBeInstanceOf(UnavailableError);
  server.thaw();
  await waitFor('works again', async () => (await client.redis.ping()) === 'PONG');
});

test('a subscription ends with its connection, and nothing but its owner makes it again', async () => {
  await using server = await startRedis();
  using client = connection([at(server.port)]);
  await waitFor('subscribed', async () => (await client.redis.subscribe('news')) === 1);
  await server.kill();
  await waitFor('noticed', () => client.redis.status !== 'ready');
  await server.start();
  // Answered after whatever was sent when the connection came back.
  expect(await waitFor('back', () => client.redis.pubsub('CHANNELS'))).toEqual([]);
});

test('a mistake in a command is not taken for an outage', async () => {
  await using server = await startRedis();
  using client = connection([at(server.port)]);
  await waitFor('connected', async () => (await client.redis.lpush('list', 'a')) === 1);
  await expect(client.redis.incr('list')).rejects.toThrow('WRONGTYPE');
  await expect(client.redis.incr('list')).rejects.not.toBeInstanceOf(UnavailableError);
});

test('while Redis is away the service is alive, not ready, and says 503; then it recovers without a restart', async () => {
  await using server = await startRedis();
  await using demo = await startDemo({
    env: { REDIS_URL: server.url },
    redis: true,
    routes: (app, { redis }) => {
      app.get('/api/demo/count', { config: { access: 'public' } }, async () => ({
        count: await redis.incr('count'),
      }));
    },
  });
  const status = async (url: string) => (await demo.app.inject(url)).statusCode;
  await waitFor('ready', async () => (await status('/healthz/ready')) === 200);
  expect((await demo.app.inject('/api/demo/count')).json()).toEqual({ count: 1 });
  await server.kill();
  await waitFor('not ready', async () => (await status('/healthz/ready')) === 503);
  expect(await status('/healthz/live')).toBe(200);
  const answer = await demo.app.inject('/api/demo/count');
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'dependency-unavailable']);
  await server.start();
  await waitFor('ready again', async () => (await status('/healthz/ready')) === 200);
  expect((await demo.app.inject('/api/demo/count')).json()).toEqual({ count: 2 });
});
