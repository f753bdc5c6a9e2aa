import { declareQueues, fuzzEvents, sharedRabbitmq } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startUsers } from './support.ts';

test('no generated message makes a handler of users fail or keeps others waiting', async () => {
  await using rabbitmq = await sharedRabbitmq();
  const QUEUES = await declareQueues(rabbitmq.url, [{ queue: 'users', events: ['user.registered'] }]);
  const ada = newId();
  await using running = await startUsers({ [ada]: 'Ada' }, { RABBITMQ_URL: rabbitmq.url, QUEUES });
  await running.send('GET', '/api/users/me', { as: ada });

  const { outcomes } = await fuzzEvents({
    instances: [running.service],
    url: rabbitmq.url,
    queue: 'users',
    known: { id: [ada] },
  });

  expect(outcomes.done).toBeGreaterThan(20);
  expect(outcomes.duplicate).toBeGreaterThan(20);
  expect((await running.send('GET', '/api/users/me', { as: ada })).body.name).toBe('Ada');
});
