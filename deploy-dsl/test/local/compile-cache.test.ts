import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trimCompileCache } from '../../src/local/compile-cache.ts';

let jobs: string;

beforeEach(async () => {
  jobs = await mkdtemp(join(tmpdir(), 'tandem-jobs-'));
  await mkdir(join(jobs, 'auth-redis'));
});

afterEach(() => rm(jobs, { recursive: true, force: true }));

test('what Node has compiled stays until it is too much, and goes as a whole', async () => {
  for (const kind of ['v24-one', 'v24-other']) {
    await mkdir(join(jobs, '.node-compile-cache', kind), { recursive: true });
    for (const name of ['a', 'b']) await writeFile(join(jobs, '.node-compile-cache', kind, name), '');
  }
  await trimCompileCache(jobs, 4);
  expect(await readdir(jobs)).toEqual(['.node-compile-cache', 'auth-redis']);
  await trimCompileCache(jobs, 3);
  expect(await readdir(jobs)).toEqual(['auth-redis']);
});

test('before the first instance has started there is nothing to do', async () => {
  await trimCompileCache(jobs);
  expect(await readdir(jobs)).toEqual(['auth-redis']);
});
