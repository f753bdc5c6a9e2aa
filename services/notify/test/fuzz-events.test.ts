import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzzEvents, waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { userRegistered } from '../src/contracts/auth.ts';
import { startNotify } from './support.ts';

test('no generated message makes a handler of notify fail or keeps others waiting', async () => {
  const mails = await mkdtemp(join(tmpdir(), 'tandem-mails-'));
  await using running = await startNotify({ VOLUME_MAILS: mails }, []);
  const { outcomes } = await fuzzEvents({
    instances: [running.service],
    url: running.rabbitmqUrl,
    queue: 'notify',
    known: { id: ['ada'], userId: ['ada'], invitationId: ['i1', 'i2'] },
    mayFail: /the address of the user .* is not known/s,
  });
  expect(outcomes.done).toBeGreaterThan(30);
  expect(outcomes.duplicate).toBeGreaterThan(30);

  const before = (await readdir(join(mails, 'new'))).length;
  const [id, email, registeredAt] = ['afterwards', 'after@example.org', '2026-01-01T00:00:00.000Z'];
  await running.publish(userRegistered({ id, name: 'Grace', email, registeredAt }));
  await waitFor(
    'what comes afterwards is written',
    async () => (await readdir(join(mails, 'new'))).length > before,
  );
  await rm(mails, { recursive: true });
});
