import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endSharedRabbitmq, SHARED_FOLDER } from './shared-rabbitmq.ts';

/** Vitest's global set-up: prepares the RabbitMQ that test files share, and ends it if one of them has started it. */
export default async function prepareSharedRabbitmq(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-shared-rabbitmq-'));
  process.env[SHARED_FOLDER] = folder;
  return () => endSharedRabbitmq(folder);
}
