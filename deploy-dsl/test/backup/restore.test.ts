import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { startRedis, type TestRedis } from '@tandem/common/testing';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { fileOf } from '../../src/backup/check-backup.ts';
import type { Place } from '../../src/backup/live-redis.ts';
import type { Backup, BackupPart } from '../../src/backup/manifest.ts';
import { findRedisTools, type RedisTools } from '../../src/backup/redis-tools.ts';
import { cleanUp, noteStopped, present, stage, swap } from '../../src/backup/staged-restore.ts';
import { takeBackup } from '../../src/backup/take-backup.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { placeOf, silent } from './stage.ts';

/** The data of a backup beside that which is there, and in its place. What Nomad does is tested with the stack. */

let redis: TestRedis;
let client: Redis;
let tools: RedisTools;
let place: Place;
let folder: ReturnType<typeof temporaryFolder>;
let backup: Backup;
let part: BackupPart;
const { signal } = new AbortController();

beforeAll(async () => {
  folder = temporaryFolder();
  tools = await findRedisTools(process.env);
});
afterAll(() => folder[Symbol.dispose]());

beforeEach(async () => {
  redis = await startRedis();
  client = redis.connect();
  place = placeOf('rooms', redis);
  await client.set(Buffer.from([0, 255, 10]), Buffer.from([1, 0, 254]));
  await client.set('session', 'x', 'PX', 3_600_000);
  await client.hset('room:1', { name: 'Standup', owner: 'ada' });
  await client.rpush('list', 'a', 'b');
  await client.sadd('set', 'a', 'b');
  await client.zadd('sorted', 1, 'a', 2.5, 'b');
  await client.xadd('outbox', '5-1', 'meta', '{}');
  await client.xgroup('CREATE', 'outbox', 'readers', '0-0');
  for (let room = 2; room < 500; room++) await client.hset(`room:${room}`, { name: `Room ${room}` });
  const request = {
    environment: 'local',
    places: [place],
    into: folder.path,
    tools,
    progress: silent,
    signal,
  };
  const { backup: taken } = await takeBackup(request);
  if (taken?.manifest.parts[0] === undefined) throw new Error('no backup');
  backup = taken;
  part = taken.manifest.parts[0];
  await client.flushall();
  await client.set('new', 'of today');
});
afterEach(async () => {
  client.disconnect();
  await redis[Symbol.asyncDispose]();
});

const load = (by = signal, tell: (keys: number) => void = () => undefined) =>
  stage(place, part, fileOf(backup, part), { tools, signal: by, tell });

/** Kills the Redis and starts it with what its disk has. */
async function crash(): Promise<void> {
  client.disconnect();
  await redis.kill();
  await redis.start();
  client = redis.connect();
}

async function expectOld(): Promise<void> {
  expect(await client.get('new')).toBe('of today');
  expect(await client.dbsize()).toBe(1);
}

async function expectNew(): Promise<void> {
  expect(await client.dbsize()).toBe(part.keys);
  expect(await client.hgetall('room:1')).toEqual({ name: 'Standup', owner: 'ada' });
  expect(await client.hget('room:499', 'name')).toBe('Room 499');
}

test('every kind of value comes back as it was, with its time to live', async () => {
  await load();
  await expectOld();
  await swap(place);
  await cleanUp(place);
  await expectNew();
  expect(await client.getBuffer(Buffer.from([0, 255, 10]))).toEqual(Buffer.from([1, 0, 254]));
  const left = await client.pttl('session');
  expect(left).toBeGreaterThan(3_000_000);
  expect(left).toBeLessThanOrEqual(3_600_000);
  expect(await client.lrange('list', 0, -1)).toEqual(['a', 'b']);
  expect((await client.smembers('set')).sort()).toEqual(['a', 'b']);
  expect(await client.zscore('sorted', 'b')).toBe('2.5');
  expect(await client.xrange('outbox', '-', '+')).toEqual([['5-1', ['meta', '{}']]]);
  expect(await client.xinfo('GROUPS', 'outbox')).toHaveLength(1);
  expect(await client.info('keyspace')).not.toMatch(/db[12]:/);
});

test('killed at any step, a Redis has the old data or the new, and says how far the restore came', async () => {
  expect((await present(place, signal)).unfinished).toBeNull();
  await load();
  await noteStopped(place);
  await crash();
  await expectOld();
  expect((await present(place, signal)).unfinished).toMatchObject({
    sha256: part.sha256,
    inPlace: false,
    stopped: true,
  });
  // The second attempt begins anew, and has not forgotten that the service was stopped.
  await load();
  await swap(place);
  await crash();
  await expectNew();
  expect((await present(place, signal)).unfinished).toMatchObject({ inPlace: true, stopped: true });
  await cleanUp(place);
  await crash();
  await expectNew();
  expect(await present(place, signal)).toMatchObject({ keys: part.keys, unfinished: null });
});

test('interrupted while it loads, nothing has changed', async () => {
  const interrupted = new AbortController();
  const loading = load(interrupted.signal, (keys) => keys > 100 && interrupted.abort(new Error('Ctrl-C')));
  await expect(loading).rejects.toThrow('Ctrl-C');
  await cleanUp(place);
  await expectOld();
  expect(await client.info('keyspace')).not.toMatch(/db[12]:/);
});

test('without room for both, the old data stays; one that is full takes what has been loaded', async () => {
  const limit = async (more: number) => {
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    await client.config('SET', 'maxmemory', String(used + more));
  };
  for (const room of [-100_000, 60_000]) {
    await limit(room);
    await expect(load()).rejects.toMatchObject({ exitCode: 1, diagnostics: [{ code: 'TDM-396' }] });
    await cleanUp(place);
    await expectOld();
  }
  await client.config('SET', 'maxmemory', '0');
  await load();
  await limit(-100_000);
  await noteStopped(place);
  await swap(place);
  await expectNew();
});

test('a Redis that goes away in the middle is said as what it is', async () => {
  let killed = false;
  const loading = load(signal, () => {
    if (!killed) void redis.kill();
    killed = true;
  });
  await expect(loading).rejects.toMatchObject({ exitCode: 1, diagnostics: [{ code: 'TDM-391' }] });
  await crash();
  await expectOld();
});

test('killed while it loads, it leaves no Redis behind', async () => {
  const script = `
    import { withScratchRedis } from '${import.meta.dirname}/../../src/backup/scratch-redis.ts';
    const [path, tools] = process.argv.slice(1);
    await withScratchRedis(path, JSON.parse(tools), new AbortController().signal, async (redis) => {
      console.log((await redis.config('GET', 'unixsocket'))[1]);
      await new Promise((never) => setInterval(never, 1e9));
    });
  `;
  const args = ['--input-type=module', '-e', script, fileOf(backup, part), JSON.stringify(tools)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [socket] = await once(child.stdout.setEncoding('utf8'), 'data');
  const scratch = dirname(String(socket).trim());
  expect(existsSync(scratch)).toBe(true);
  child.kill('SIGKILL');
  // The folder goes when the server has been killed.
  await expect.poll(() => existsSync(scratch), { timeout: 60_000 }).toBe(false);
});
