import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenIssuer, freePort, waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { makeImageTree, root } from './image-tree.ts';

const services = readdirSync(join(root, 'services'));

test('every service has a Dockerfile', () => {
  expect(services.filter((name) => !existsSync(join(root, 'services', name, 'Dockerfile')))).toEqual([]);
});

test.each(services)(
  'the files that the image of %s is made of are enough to run it',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-image-'));
    const { workDir, command, user } = await makeImageTree(
      join(root, 'services', name, 'Dockerfile'),
      folder,
    );
    expect(user).toBe('node');
    const [port, { privateKeyPem }] = [await freePort(), createTokenIssuer()];
    const [program = '', ...args] = command;
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: workDir,
      env: {
        NODE_ENV: 'production',
        PORT: String(port),
        // Nobody answers there: the service starts, and says that it is not ready.
        REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
        CONSUL_HTTP_ADDR: `http://127.0.0.1:${await freePort()}`,
        JWT_PRIVATE_KEY: privateKeyPem,
        GRANT_PRIVATE_KEY: privateKeyPem,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    const exited = once(child, 'exit');
    try {
      const live = await waitFor(
        'it answers',
        async () => {
          if (child.exitCode !== null) return output;
          return (await fetch(`http://127.0.0.1:${port}/healthz/live`)).text();
        },
        30_000,
      );
      expect(live).toBe('{"status":"live"}');
    } finally {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    }
    expect(child.exitCode).toBe(0);
  },
  60_000,
);
