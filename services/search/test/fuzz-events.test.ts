import { fuzzEvents, waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { userRegistered } from '../src/contracts/auth.ts';
import { startSearch } from './support.ts';

test('no generated message makes a handler of search fail or keeps others waiting', async () => {
  await using running = await startSearch();
  const { outcomes } = await fuzzEvents({
    instances: [running.service, running.other],
    url: running.rabbitmqUrl,
    queue: 'search',
    runs: 8,
    known: { id: ['r1', 'r2'], roomId: ['r1', 'r2'], userId: ['ada'] },
  });
  expect(outcomes.done).toBeGreaterThan(50);
  expect(outcomes.duplicate).toBeGreaterThan(50);

  await running.publish(
    userRegistered({
      id: 'afterwards',
      name: 'Still Here',
      email: 'a@example.org',
      registeredAt: '2026-01-01T00:00:00Z',
    }),
  );
  await waitFor('what comes afterwards is found', async () => {
    const found = await running.find('anybody', 'still here');
    return found.includes('Still Here');
  });
});
