import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askRabbitmq } from './rabbitmq-admin.ts';
import { startRabbitmq } from './rabbitmq-server.ts';
import { waitFor } from './wait-for.ts';

/** The folder in which test files find the one server that they share; made and removed by the global set-up. */
export const SHARED_FOLDER = 'TANDEM_TEST_RABBITMQ';

/** A virtual host of the shared server: what one test file does there, no other one sees. */
export interface RabbitmqHost {
  /** For RABBITMQ_URL. */
  readonly url: string;
  /** The management API, without `/api`. */
  readonly management: string;
  /** Its name, for paths of the management API. */
  readonly name: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starting it takes seconds, so the first test file that wants it does, and the others wait for that. */
export async function sharedRabbitmq(): Promise<RabbitmqHost> {
  const folder = process.env[SHARED_FOLDER];
  if (folder === undefined) throw new Error(`${SHARED_FOLDER} is not set: see vitest.config.ts`);
  const { url, management } = await addressIn(folder);
  const name = randomUUID();
  await askRabbitmq(management, 'PUT', `vhosts/${name}`);
  return {
    url: `${url}/${name}`,
    management,
    name,
    async [Symbol.asyncDispose]() {
      await askRabbitmq(management, 'DELETE', `vhosts/${name}`);
    },
  };
}

async function addressIn(folder: string): Promise<{ url: string; management: string }> {
  const file = join(folder, 'address.json');
  const first = await mkdir(join(folder, 'starting')).then(
    () => true,
    () => false,
  );
  if (first) {
    const { url, management, pid } = await startRabbitmq({ detached: true, parent: folder });
    await writeFile(join(folder, 'pid'), String(pid));
    await writeFile(file, JSON.stringify({ url, management }));
  }
  const text = await waitFor('the shared RabbitMQ', () => readFile(file, 'utf8'), 120_000);
  return JSON.parse(text);
}

/** Ends what `sharedRabbitmq` started for this folder. */
export async function endSharedRabbitmq(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'));
  if (pid > 0) process.kill(-pid, 'SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
