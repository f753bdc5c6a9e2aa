import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenersOn } from '../../deploy-dsl/src/local/listeners.ts';
import { portsAt } from '../../deploy-dsl/src/local/ports.ts';
import { root } from '../support/tandem.ts';

/** The README of examples/one-service, typed in a checkout of its own, beside whatever else runs on this machine. */

const file = 'examples/one-service/services.yml';
const left = new Set(['.git', '.tandem', 'node_modules']);
let checkout: string;
let offset: string;

async function tandem(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('./tandem', args, {
    cwd: checkout,
    env: { ...process.env, TANDEM_PORT_OFFSET: offset },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

/** With higher ones RabbitMQ's own port (25672) would be among those that the kernel gives to connections (from 32768). */
const highest = 7_000;

async function freeOffset(): Promise<number> {
  // 2000 would put the edge on 10080, which fetch refuses.
  for (let candidate = 3_000; candidate <= highest; candidate += 1_000) {
    if ((await listenersOn(Object.values(portsAt(candidate)))).length === 0) return candidate;
  }
  throw new Error(`every offset from 3000 to ${highest} is taken`);
}

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'tandem-one-service-'));
  await cp(root, checkout, { recursive: true, filter: (path) => !left.has(basename(path)) });
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  offset = String(await freeOffset());
  const { code, output } = await tandem('up', '--file', file);
  expect(code, output).toBe(0);
});

afterAll(async () => {
  await tandem('down', '--purge');
  await rm(checkout, { recursive: true, force: true });
});

test('five lines are a service that answers at the edge', async () => {
  const answer = await fetch(`http://127.0.0.1:${portsAt(Number(offset)).edge}/hello`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    hello: 'world',
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
  });
});

test('the plan is empty, and explains what the file does not say', async () => {
  expect((await tandem('plan', '--file', file)).code).toBe(0);
  const { output } = await tandem('plan', '--explain', '--file', file);
  expect(output).toMatch(/built in/);
});

test('the status names the one service and the platform', async () => {
  const { code, output } = await tandem('status', '--file', file);
  expect(code, output).toBe(0);
  expect(output).toMatch(/hello/);
});
