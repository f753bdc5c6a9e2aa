import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startConsul, type TestConsul } from '@tandem/common/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MediaServer, startMediaServer } from '../support/media-server.ts';
import { until } from '../support/until.ts';

/** `tandem drain` as a process of its own, against a real Consul that knows two media servers. */

// Consul's development mode calls its datacenter dc1.
const yaml = `tandem: 1
clouds: { dc1: {} }
services:
  media: { image: "media:1", ports: { rtc: 40000..40063/udp } }
  web: { image: "web:1" }
environments:
  staging: { clouds: [dc1] }
`;
const main = resolve(import.meta.dirname, '../../src/main.ts');
const ids = ['aaaaaaaa-0000-0000-0000-000000000001', 'bbbbbbbb-0000-0000-0000-000000000002'];

let consul: TestConsul;
let folder: string;
let servers: MediaServer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-drain-'));
  await writeFile(join(folder, 'services.yml'), yaml);
  consul = await startConsul();
});
afterAll(async () => {
  await consul?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  servers = [
    await startMediaServer([
      { room: 'standup', people: 3 },
      { room: 'retro', people: 1 },
    ]),
    await startMediaServer([]),
  ];
  for (const [i, { port }] of servers.entries()) await register(ids[i] ?? '', port);
});
afterEach(async () => {
  for (const id of ids) await deregister(id);
  for (const server of servers) await server[Symbol.asyncDispose]();
});

/** As Nomad does it. */
const nameOf = (id: string) => `_nomad-task-${id}-group-media-media-http`;
const put = (path: string, body?: unknown) =>
  fetch(`${consul.url}/v1/agent/service/${path}`, { method: 'PUT', body: JSON.stringify(body ?? {}) });
const register = (id: string, port: number) =>
  put('register', { ID: nameOf(id), Name: 'media', Address: '127.0.0.1', Port: port });
const deregister = (id: string) => put(`deregister/${nameOf(id)}`);

async function drain(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(
    process.execPath,
    [main, 'drain', ...args, '--file', join(folder, 'services.yml'), '--env', 'staging'],
    {
      // Nothing is asked of Nomad.
      env: { PATH: process.env.PATH, NOMAD_ADDR: 'http://127.0.0.1:9', CONSUL_HTTP_ADDR: consul.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (out += String(data)));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out };
}

describe('drain', () => {
  test('with the name of a service lists its media servers and their calls, and changes nothing', async () => {
    const { code, out } = await drain('media');
    expect(out).toMatch(/aaaaaaaa +dc1 +takes calls +2 calls of 4 people +standup retro/);
    expect(out).toMatch(/bbbbbbbb +dc1 +takes calls +no call/);
    expect(code).toBe(0);
    expect(servers.map(({ state }) => state.draining)).toEqual([false, false]);
    const { servers: listed } = JSON.parse((await drain('media', '--json')).out);
    expect(listed).toMatchObject([
      { id: ids[0], cloud: 'dc1', calls: [{ room: 'standup', people: 3 }, {}] },
      {},
    ]);
  });

  test('waits until the calls have moved', async () => {
    const draining = drain('aaaa');
    await until('it is told', async () => servers[0]?.state.draining);
    servers[0]?.state.calls.splice(0);
    expect(await draining).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 calls of 4 people moved'),
    });
    expect(servers[1]?.state.draining).toBe(false);
  });

  test('ends with 1 at the deadline, and says what is left', async () => {
    const { code, out } = await drain('aaaa', '--deadline', '500ms');
    expect(out).toContain('TDM-463');
    expect(out).toContain('standup: 3 people');
    expect(code).toBe(1);
    expect(servers[0]?.state.draining, 'it goes on').toBe(true);
    expect(await drain('aaaa', '--cancel')).toMatchObject({ code: 0 });
    expect(servers[0]?.state.draining).toBe(false);
  });

  test('refuses where the calls have nowhere to go', async () => {
    if (servers[1] !== undefined) servers[1].state.draining = true;
    expect(await drain('aaaa')).toMatchObject({ code: 1, out: expect.stringContaining('TDM-462') });
    expect(servers[0]?.state.draining).toBe(false);
  });

  test('of a server that hangs ends at the deadline', async () => {
    const draining = drain('aaaa', '--deadline', '1s');
    await until('it is told', async () => servers[0]?.state.draining);
    servers[0]?.hang();
    expect(await draining).toMatchObject({ code: 1, out: expect.stringContaining('TDM-464') });
  });

  test.each([
    ['a service without calls', ['web'], 'TDM-460'],
    ['nobody', ['cccc'], 'TDM-461'],
    ['a deadline that is none', ['aaaa', '--deadline', 'soon'], 'TDM-332'],
  ])('refuses %s with 2', async (_, args, code) => {
    expect(await drain(...args)).toMatchObject({ code: 2, out: expect.stringContaining(code) });
  });
});
