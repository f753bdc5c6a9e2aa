import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { startRedis, type TestRedis } from '@tandem/common/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkFiles, requireNotNewer } from '../../src/backup/check-backup.ts';
import { listBackups } from '../../src/backup/list-backups.ts';
import { type Backup, readBackup } from '../../src/backup/manifest.ts';
import { findRedisTools, type RedisTools } from '../../src/backup/redis-tools.ts';
import { takeBackup } from '../../src/backup/take-backup.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { emptyPlace, placeOf, silent } from './stage.ts';

let redis: TestRedis;
let tools: RedisTools;
let folder: ReturnType<typeof temporaryFolder>;
const { signal } = new AbortController();

beforeAll(async () => {
  redis = await startRedis();
  tools = await findRedisTools(process.env);
  const client = redis.connect();
  await client.mset('a', '1', 'b', '2');
  await client.set('later', '3', 'EX', 10_000);
  client.disconnect();
});
afterAll(() => redis?.[Symbol.asyncDispose]());
beforeEach(() => {
  folder = temporaryFolder();
  return () => folder[Symbol.dispose]();
});

async function take(places = [placeOf('rooms', redis)], by = signal) {
  const request = { environment: 'local', places, into: folder.path, tools, progress: silent, signal: by };
  return takeBackup(request);
}

async function taken(): Promise<Backup> {
  const { backup } = await take();
  if (backup === null) throw new Error('no backup');
  return backup;
}

const code = (wanted: string, exitCode: number) => ({ exitCode, diagnostics: [{ code: wanted }] });

test('a backup is a folder with a checked file and a manifest, which only its owner can read', async () => {
  const { folder: path, manifest } = await taken();
  expect(manifest).toMatchObject({ format: 1, environment: 'local', missing: [] });
  expect(manifest.parts).toMatchObject([
    { service: 'rooms', cloud: 'local', file: 'rooms.local.rdb', keys: 3 },
  ]);
  expect(manifest.parts[0]?.redis).toMatch(/^\d+\.\d+/);
  for (const file of [path, join(path, 'rooms.local.rdb'), join(path, 'manifest.json')]) {
    expect((await stat(file)).mode & 0o077).toBe(0);
  }
  expect(await readdir(join(folder.path, 'local'))).toHaveLength(1);
  await checkFiles(await readBackup(path), tools, signal);
  expect((await readBackup(join(path, 'rooms.local.rdb'))).manifest.parts).toHaveLength(1);
});

test('backups are listed newest first, and what is none is passed over', async () => {
  const first = await taken();
  const second = await taken();
  await writeFile(join(folder.path, 'local', 'notes.txt'), 'mine');
  const listed = await listBackups(folder.path, 'local');
  expect(listed.map((each) => each.folder)).toEqual([second.folder, first.folder]);
  expect(await listBackups(folder.path, 'staging')).toEqual([]);
});

test('a Redis that is away is named as missing, and the others are saved', async () => {
  const { backup, failures } = await take([
    emptyPlace('users'),
    placeOf('rooms', redis),
    placeOf('auth', { port: 9 }),
  ]);
  expect(backup?.manifest.parts.map(({ service }) => service)).toEqual(['rooms']);
  expect(backup?.manifest.missing.map(({ service }) => service)).toEqual(['users', 'auth']);
  expect(failures.map(({ diagnostics }) => diagnostics[0]?.code)).toEqual(['TDM-391', 'TDM-391']);
  expect(await take([emptyPlace('users')])).toMatchObject({ backup: null });
});

test('interrupted, or on a disk that takes nothing, it leaves nothing behind', async () => {
  await expect(take(undefined, AbortSignal.abort(new Error('Ctrl-C')))).rejects.toThrow('Ctrl-C');
  expect(await readdir(join(folder.path, 'local'))).toEqual([]);
  await rm(join(folder.path, 'local'), { recursive: true });
  await writeFile(join(folder.path, 'local'), 'a file where the folder would be');
  await expect(take()).rejects.toMatchObject(code('TDM-399', 1));
});

test('what a killed backup has left goes after a day, and that of one which may still run stays', async () => {
  const [dead, alive] = ['.dead.unfinished', '.alive.unfinished'].map((name) =>
    join(folder.path, 'local', name),
  );
  for (const path of [dead ?? '', alive ?? '']) await mkdir(path, { recursive: true });
  await utimes(dead ?? '', 0, 0);
  const { folder: path } = await taken();
  expect((await readdir(join(folder.path, 'local'))).sort()).toEqual(['.alive.unfinished', basename(path)]);
  expect(await listBackups(folder.path, 'local')).toHaveLength(1);
});

test('a file that is cut short, changed, exchanged or gone is refused', async () => {
  const harms: ((path: string) => Promise<void>)[] = [
    (path) => truncate(path, 100),
    (path) => appendFile(path, 'x'),
    async (path) => {
      const bytes = await readFile(path);
      bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
      await writeFile(path, bytes);
    },
    async (path) => writeFile(path, Buffer.alloc((await stat(path)).size)),
    (path) => rm(path),
  ];
  for (const harm of harms) {
    const backup = await taken();
    await harm(join(backup.folder, 'rooms.local.rdb'));
    await expect(checkFiles(backup, tools, signal)).rejects.toMatchObject(code('TDM-394', 2));
  }
});

test('a manifest that was changed to fit a damaged file does not help it', async () => {
  const backup = await taken();
  const [part] = backup.manifest.parts;
  const path = join(backup.folder, 'rooms.local.rdb');
  await truncate(path, 100);
  const { sha256Of } = await import('../../src/backup/rdb-file.ts');
  Object.assign(part ?? {}, { bytes: 100, sha256: await sha256Of(path) });
  await expect(checkFiles(backup, tools, signal)).rejects.toMatchObject(code('TDM-394', 2));
});

test('what is no backup, or one of a later Tandem or Redis, says so', async () => {
  const { folder: path, manifest } = await taken();
  const manifestPath = join(path, 'manifest.json');
  const refused = async (at: string) => expect(readBackup(at)).rejects.toMatchObject(code('TDM-393', 2));
  await refused(join(path, 'none'));
  await refused(folder.path);
  await writeFile(join(path, 'other.rdb'), 'REDIS0010');
  await refused(join(path, 'other.rdb'));
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{"format":1}',
    JSON.stringify({ ...manifest, format: 2 }),
    JSON.stringify({ ...manifest, parts: [{ ...manifest.parts[0], file: '../../etc/passwd' }] }),
  ]) {
    await writeFile(manifestPath, text);
    await refused(path);
  }
  const [part] = manifest.parts;
  if (part === undefined) throw new Error('no part');
  expect(() => requireNotNewer('x', { ...part, redis: '7.2.5' }, '7.0.15')).toThrow('TDM-395');
  expect(() => requireNotNewer('x', { ...part, redis: '6.2.1' }, '7.0.15')).not.toThrow();
});
