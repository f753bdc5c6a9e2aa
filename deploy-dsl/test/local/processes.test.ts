import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listenersOn } from '../../src/local/listeners.ts';
import { tryLock, waitForLock } from '../../src/local/lock.ts';
import { allocationFolder, markVariable, ownedProcesses } from '../../src/local/owned.ts';
import {
  endProcesses,
  type Identity,
  identify,
  isRunning,
  startDetached,
  statusOf,
} from '../../src/local/processes.ts';
import { stateOf } from '../../src/local/state.ts';

let folder: string;
const started: Identity[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-processes-'));
});

afterEach(async () => {
  await endProcesses(started.splice(0), 0);
  await rm(folder, { recursive: true, force: true });
});

async function start(script: string, env: Record<string, string> = {}): Promise<Identity> {
  const identity = await startDetached({
    command: '/bin/sh',
    args: ['-c', script],
    env,
    cwd: folder,
    log: join(folder, 'log'),
  });
  started.push(identity);
  return identity;
}

test('a detached process has a session of its own and its output in the log', async () => {
  const identity = await start('echo said; exec sleep 60');
  await vi.waitFor(async () => expect(await readFile(join(folder, 'log'), 'utf8')).toBe('said\n'));
  const status = await readFile(`/proc/${identity.pid}/stat`, 'utf8');
  const session = status.slice(status.lastIndexOf(')') + 2).split(' ')[3];
  expect(Number(session)).toBe(identity.pid);
});

test('the same number of another process is not taken for the one that had it', async () => {
  const identity = await start('exec sleep 60');
  expect(await isRunning(identity)).toBe(true);
  expect(await isRunning({ ...identity, started: identity.started - 1 })).toBe(false);
  expect(await isRunning({ ...identity, boot: 'the boot before' })).toBe(false);
});

test('a process has ended when its last thread has, not its first', async () => {
  const exitOfOneThread = process.arch === 'arm64' ? 93 : 60;
  const identity = await start(
    `exec perl -Mthreads -e '$| = 1; threads->create(sub { sleep 60 }); print "goes"; syscall(${exitOfOneThread}, 0)'`,
    process.env.PATH === undefined ? {} : { PATH: process.env.PATH },
  );
  await vi.waitFor(async () => expect((await statusOf(identity.pid))?.state).toBe('Z'), 30_000);
  expect(await isRunning(identity)).toBe(true);
  await endProcesses([identity], 0);
  expect(await isRunning(identity)).toBe(false);
});

test('a process that ignores SIGTERM is killed, one that obeys is not', async () => {
  const obedient = await start('exec sleep 60');
  const stubborn = await start("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  await vi.waitFor(async () => expect(await readFile(join(folder, 'log'), 'utf8')).toContain('ready'));
  expect(await endProcesses([obedient, stubborn], 300)).toEqual([stubborn]);
  expect(await isRunning(obedient)).toBe(false);
  expect(await isRunning(stubborn)).toBe(false);
});

test('processes of this stack are found by their mark, those of another stack are not', async () => {
  const state = stateOf(folder);
  const ours = await start('sleep 60 & wait', { [markVariable]: state.folder });
  await start('exec sleep 60', { [markVariable]: `${state.folder}-of-another-project` });
  await vi.waitFor(async () => expect(await ownedProcesses(state)).toHaveLength(2));
  const owned = await ownedProcesses(state);
  expect(owned).toContainEqual(ours);
  await endProcesses(owned, 1_000);
  expect(await ownedProcesses(state)).toEqual([]);
});

test('a task that has wiped its environment is known by its output', async () => {
  const state = stateOf(folder);
  const logs = join(allocationFolder(state), '11111111-2222-3333-4444-555555555555/alloc/logs');
  await mkdir(logs, { recursive: true });
  const fifo = join(logs, '.nginx.stdout.fifo');
  await once(spawn('mkfifo', [fifo]), 'close');
  const identity = await start(`exec env -i sleep 60 1<>${fifo}`);
  await vi.waitFor(async () => expect(await ownedProcesses(state)).toEqual([identity]));
});

test("someone who reads the stack's logs or works in its folder is left alone", async () => {
  const state = stateOf(folder);
  await mkdir(state.logs, { recursive: true });
  const identity = await start(`touch ${state.logs}/agent.log; cd ${state.logs}; exec tail -f agent.log`);
  await vi.waitFor(async () => expect(await readFile(`/proc/${identity.pid}/comm`, 'utf8')).toBe('tail\n'));
  expect(await ownedProcesses(state)).toEqual([]);
});

test.each(['127.0.0.1', '0.0.0.0', '::', '::1'])(
  'the owner of a port is named, bound to %s',
  async (host) => {
    const server = createServer();
    server.listen(0, host);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const [listener, ...others] = await listenersOn([port, 1]);
    expect(others).toEqual([]);
    expect(listener?.port).toBe(port);
    expect(listener?.pid).toBe(process.pid);
    expect(listener?.command).toContain('node');
    server.close();
    await once(server, 'close');
    expect(await listenersOn([port])).toEqual([]);
  },
);

test('a lock has one holder, who is named, and ends with its process', async () => {
  const path = join(folder, 'lock');
  const holder = spawn('flock', [path, '-c', `echo $$ > ${path}; echo locked; read line`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const refused = await tryLock(path);
  expect(refused).toHaveProperty('heldBy');
  const named = 'heldBy' in refused && refused.heldBy !== null ? await identify(refused.heldBy) : null;
  expect(named).not.toBeNull();

  const waiting = vi.fn();
  const lock = waitForLock(path, waiting, new AbortController().signal);
  await vi.waitFor(() => expect(waiting).toHaveBeenCalled());
  holder.stdin.end('\n');
  await (await lock).release();
});

test('a lock that is released can be taken again; waiting for one can be given up', async () => {
  const path = join(folder, 'lock');
  const first = await tryLock(path);
  expect(await tryLock(path)).toEqual({ heldBy: process.pid });
  const abort = new AbortController();
  const waiting = waitForLock(path, () => abort.abort(), abort.signal);
  await expect(waiting).rejects.toThrow();
  if ('release' in first) await first.release();
  expect(await tryLock(path)).toHaveProperty('release');
});
