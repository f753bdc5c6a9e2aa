import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);
const library = new URL('../src/index.ts', import.meta.url).href;
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'tandem-compiled-'));
});

afterEach(() => rm(cache, { recursive: true, force: true }));

/** Parts of Node that were loaded by a process that did so. */
async function partsAfter(script: string): Promise<string> {
  const program = `${script}; console.log(process.moduleLoadList.join('\\n'))`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  return stdout;
}

test("a service does not load Node's fetch, which it has no use for", async () => {
  const fetch = 'NativeModule internal/deps/undici/undici';
  expect(await partsAfter("await import('node:http')"), 'what is to be avoided').toContain(fetch);
  expect(await partsAfter(`await import('${library}')`)).not.toContain(fetch);
});

test('an instance that finds compiled code does not load the compiler of TypeScript', async () => {
  const compiler = 'NativeModule internal/deps/amaro/dist/index';
  expect(await partsAfter(`await import('${library}')`)).toContain(compiler);
  expect(await readdir(cache)).not.toEqual([]);
  expect(await partsAfter(`await import('${library}')`)).not.toContain(compiler);
});
