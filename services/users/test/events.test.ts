import { defineEvent, Type } from '@tandem/common';
import {
  declareQueues,
  type Producer,
  type RabbitmqHost,
  sharedRabbitmq,
  startProducer,
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
let auth: Producer;
let users: Running;
const names: Record<string, string> = {};

beforeAll(async () => {
  rabbitmq = await sharedRabbitmq();
  const QUEUES = await declareQueues(rabbitmq.url, [{ queue: 'users', events: ['user.registered'] }]);
  auth = await startProducer(rabbitmq.url, [userRegistered]);
  users = await startUsers(names, { RABBITMQ_URL: rabbitmq.url, QUEUES });
}, 120_000);
afterAll(async () => {
  await users[Symbol.asyncDispose]();
  await auth[Symbol.asyncDispose]();
  await rabbitmq[Symbol.asyncDispose]();
});

const register = (id: string, name: string) =>
  auth.publish(
    userRegistered({ id, name, email: 'x@example.org', registeredAt: '2026-02-02T00:00:00.000Z' }),
  );
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
