import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send } from '../support/edge.ts';
import { register } from '../support/people.ts';
import { root, stack, tandem } from '../support/tandem.ts';
import { until } from '../support/until.ts';

/**
 * A developer's first hour, typed in a checkout of its own: what it writes is gone with that folder, however the test
 * ends. It deploys to the stack of this project, which the last step gives back.
 */
const name = 'first-hour';
let checkout: string;

async function inCheckout(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('./tandem', args, { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

/** The project without what is built or installed; its packages are links, but for those of the workspaces. */
async function checkOut(folder: string): Promise<void> {
  const left = new Set(['.git', '.tandem', 'node_modules']);
  await cp(root, folder, { recursive: true, filter: (path) => !left.has(basename(path)) });
  const modules = join(root, 'node_modules');
  await mkdir(join(folder, 'node_modules'));
  for (const entry of await readdir(modules)) {
    if (entry === '@tandem') {
      await cp(join(modules, entry), join(folder, 'node_modules', entry), {
        recursive: true,
        verbatimSymlinks: true,
      });
    } else if (entry === '.tandem-lock') {
      await cp(join(modules, entry), join(folder, 'node_modules', entry));
    } else {
      await symlink(join(modules, entry), join(folder, 'node_modules', entry));
    }
  }
  await symlink(join(root, '.tandem'), join(folder, '.tandem'));
}

/** How many registrations the instances have handled, as they measure it themselves. */
async function handledRegistrations(): Promise<number> {
  const found = await fetch(`${stack().consul}/v1/health/service/${name}?passing`);
  const instances: { Service: { Address: string; Port: number } }[] = JSON.parse(await found.text());
  const counts = instances.map(async ({ Service: { Address, Port } }) => {
    const metrics = await (await fetch(`http://${Address}:${Port}/metrics`)).text();
    const line = /^events_handled_total\{.*event="user.registered".*outcome="done".*\} (\d+)$/m.exec(metrics);
    return Number(line?.[1] ?? 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'tandem-new-service-'));
  await checkOut(checkout);
});

afterAll(async () => {
  await rm(checkout, { recursive: true, force: true });
  const { code, stderr } = await tandem(['deploy']);
  expect(code, stderr).toBe(0);
});

test('a new service is written, deployed and asked behind nginx, and hears of what happens elsewhere', async () => {
  const events = ['--publishes', 'first-hour.begun', '--consumes', 'user.registered'];
  const made = await inCheckout('new', 'service', name, ...events);
  expect(made.code, made.output).toBe(0);
  const deployed = await inCheckout('deploy');
  expect(deployed.code, deployed.output).toBe(0);

  const stranger = await until(`the edge knows /api/${name}`, async () => {
    const answer = await send('POST', `/api/${name}`, undefined, { text: 'x' });
    return answer.status === 401 && answer;
  });
  expect(stranger.body.code).toBe('unauthenticated');
  const { accessToken } = await register('ada');
  const added = await send('POST', `/api/${name}`, accessToken, { text: 'It works' });
  expect(added).toMatchObject({ status: 201, body: { text: 'It works' } });
  const path = `/api/${name}/${added.body.id}`;
  expect(await send('GET', path, accessToken)).toEqual({ status: 200, body: added.body });
  await until('the registration is handled', async () => (await handledRegistrations()) >= 1);
});

test('nothing of it is in the project', () => {
  expect(readdirSync(join(root, 'services'))).not.toContain(name);
  expect(readdirSync(join(root, 'node_modules/@tandem'))).not.toContain(name);
});
