import { createStaticDiscovery, defineEvent, defineService, type ServiceContext, Type } from '@tandem/common';
import {
  declareQueues,
  type RabbitmqHost,
  sharedRabbitmq,
  startRedis,
  type TestRedis,
  waitFor,
} from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, type Running, startUsers } from './support.ts';

/** As auth declares it. */
const userRegistered = defineEvent({
  name: 'user.registered',
  version: 1,
  schema: Type.Object({
    id: Type.String(),
    email: Type.String(),
    name: Type.String(),
    registeredAt: Type.String({ format: 'date-time' }),
  }),
});

let rabbitmq: RabbitmqHost;
let redisOfAuth: TestRedis;
let auth: ServiceContext<Record<never, never>, never>;
let stopAuth: () => Promise<void>;
let users: Running;
const names: Record<string, string> = {};

beforeAll(async () => {
  rabbitmq = await sharedRabbitmq();
  redisOfAuth = await startRedis();
  const QUEUES = await declareQueues(rabbitmq.url, [{ queue: 'users', events: ['user.registered'] }]);
  const { promise, resolve } = Promise.withResolvers<typeof auth>();
  const producer = await defineService({
    name: 'auth',
    description: 'Publishes what auth publishes.',
    redis: true,
    publishes: [userRegistered],
    tokenKeys: () => ({ version: 0, find: () => undefined, refresh: async () => {} }),
    routes: (_app, context) => resolve(context),
  }).build({
    env: { REDIS_URL: redisOfAuth.url, RABBITMQ_URL: rabbitmq.url, LOG_LEVEL: 'silent' },
    discovery: createStaticDiscovery({}),
  });
  stopAuth = () => producer.stop();
  auth = await promise;
  await waitFor('its Redis', () => auth.redis.ping());
  users = await startUsers(names, { RABBITMQ_URL: rabbitmq.url, QUEUES });
}, 120_000);
afterAll(async () => {
  await users[Symbol.asyncDispose]();
  await stopAuth();
  await redisOfAuth[Symbol.asyncDispose]();
  await rabbitmq[Symbol.asyncDispose]();
});

const register = (id: string, name: string) =>
  auth.change({
    publish: [userRegistered({ id, name, email: 'x@example.org', registeredAt: '2026-02-02T00:00:00.000Z' })],
  });
const show = (id: string) => users.send('GET', `/api/users/${id}`, { as: id });

test('who registers has a profile for others, too, without ever coming here', async () => {
  const id = newId();
  await register(id, 'Ada Lovelace');
  const { body } = await waitFor('the profile is there', async () => {
    const answer = await show(id);
    return answer.status === 200 && answer;
  });
  expect(body).toMatchObject({ id, name: 'Ada Lovelace' });
}, 60_000);

test('an event that comes late changes no profile that is there already', async () => {
  const [early, marker] = [newId(), newId()];
  names[early] = 'Grace';
  await users.send('PATCH', '/api/users/me', { as: early, body: { name: 'Admiral Hopper' } });
  await register(early, 'Grace');
  await register(marker, 'Marker');
  await waitFor('the event after it was handled', async () => (await show(marker)).status === 200);
  expect((await show(early)).body.name).toBe('Admiral Hopper');
}, 60_000);
