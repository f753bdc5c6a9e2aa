import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenIssuer, freePort, waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeImageTree, root } from './image-tree.ts';

const services = readdirSync(join(root, 'services'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

interface Written {
  services: Record<string, { env?: Record<string, string>; consumes?: (string | { events: string[] })[] }>;
}
const written: Written = parse(readFileSync(join(root, 'services.yml'), 'utf8'));

/** One queue for all that a service consumes, as the job would tell it; it is never reached here. */
function queuesOf(name: string): string {
  const consumes = written.services[name]?.consumes ?? [];
  const events = consumes.flatMap((entry) => (typeof entry === 'string' ? [entry] : entry.events));
  const queue = { queue: name, events, prefetch: 1, retries: [], dead: `${name}.dead` };
  return JSON.stringify(events.length === 0 ? [] : [queue]);
}

test.each(services)('the files that the image of %s is made of are enough to run it', async (name) => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-image-'));
  const { workDir, command, user } = await makeImageTree(name, folder);
  expect(user).toBe('node');
  const [port, { privateKeyPem }] = [await freePort(), createTokenIssuer()];
  const [program = '', ...args] = command;
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: workDir,
    env: {
      ...written.services[name]?.env,
      NODE_ENV: 'production',
      PORT: String(port),
      // Nobody answers there: the service starts, and says that it is not ready.
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      RABBITMQ_URL: `amqp://127.0.0.1:${await freePort()}`,
      QUEUES: queuesOf(name),
      CONSUL_HTTP_ADDR: `http://127.0.0.1:${await freePort()}`,
      JWT_PRIVATE_KEY: privateKeyPem,
      GRANT_PRIVATE_KEY: privateKeyPem,
      CREDENTIAL_KEY: 'k'.repeat(32),
      ...{ PORT_TURN_FROM: '19200', PORT_TURN_TO: '19209', PORT_RELAY_FROM: '19210', PORT_RELAY_TO: '19219' },
      SMTP_URL: `smtp://127.0.0.1:${await freePort()}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exited = once(child, 'exit');
  try {
    const live = await waitFor('it answers', async () => {
      if (child.exitCode !== null) return output;
      return (await fetch(`http://127.0.0.1:${port}/healthz/live`)).text();
    });
    expect(live).toBe('{"status":"live"}');
  } finally {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
  expect(child.exitCode).toBe(0);
});
