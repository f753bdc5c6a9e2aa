import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureToolchain } from '../../src/local/toolchain/install.ts';
import { nativeTools } from '../../src/local/toolchain/mediasoup-worker.ts';
import type { Progress } from '../../src/terminal/terminal.ts';
import { until } from '../support/until.ts';

/**
 * The road of mediasoup's worker. Stand-ins for the registries, the vendor and the recipe: the program is a script that ends
 * as the worker does when it is started by hand.
 */

const program = '#!/bin/sh\nexit 41\n';
let folder: string;
let server: Server | null = null;
let said: string[];
let titles: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-bundled-'));
  said = [];
  titles = [];
  await put('services/chat/package.json', '{ "dependencies": { "fastify": "1" } }');
  await put('services/media/package.json', '{ "dependencies": { "mediasoup": "3.27.1" } }');
  await put('node_modules/mediasoup/package.json', '{ "name": "mediasoup", "version": "3.27.1" }');
  await put(
    'toolchain/mediasoup-worker/build.sh',
    `echo "$@" >>${folder}/builds
echo 'step: building the worker'
[ -e $3/begun ] && echo '[2/2] Linking'
mkdir -p $3
touch $3/begun
[ ! -e ${folder}/broken ] || { echo 'no such header' >&2; exit 1; }
[ ! -e ${folder}/slow ] || { touch ${folder}/building; exec sleep 600; }
printf '#!/bin/sh\\nexit 41\\n' >$4
chmod +x $4
`,
  );
  await put(
    'bin/cargo',
    `#!/bin/sh
[ "$1" = --version ] && exit 0
echo '{"packages":[{"name":"openssl-src","manifest_path":"${folder}/registry/openssl-src/Cargo.toml"}]}'
`,
  );
});

afterEach(async () => {
  const closing = server;
  server = null;
  await new Promise<void>((resolve) => (closing === null ? resolve() : closing.close(() => resolve())));
  await rm(folder, { recursive: true, force: true });
});

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  await chmod(join(folder, path), 0o755);
}

/** The vendor's server. @returns its address */
async function vendor(answer: { status: number; body?: Buffer }): Promise<string> {
  const started = createServer((_request, response) => {
    response.writeHead(answer.status);
    response.end(answer.body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function release(content: string): Promise<Buffer> {
  await put('release/mediasoup-worker', content);
  execFileSync('tar', ['-czf', join(folder, 'w.tgz'), '-C', join(folder, 'release'), 'mediasoup-worker']);
  return readFile(join(folder, 'w.tgz'));
}

async function install(releases: string, signal = new AbortController().signal) {
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: releases,
  };
  const say = (detail?: string) => said.push(detail ?? '');
  const step = { update: say, wait: say, done: say, fail: say, skip: say };
  const progress: Progress = {
    step: (title) => {
      titles.push(title);
      return step;
    },
    close: () => {},
  };
  const tools = await wanted();
  const bare = tools.map((tool) => ({ ...tool, source: { ...tool.source, packages: [] } }));
  const toolchain = await ensureToolchain({ root: folder, env, progress, signal }, bare);
  return toolchain.get('mediasoup-worker');
}

const wanted = () =>
  nativeTools(
    folder,
    ['services/chat', 'services/media'].map((each) => join(folder, each)),
  );
const builds = async () =>
  (await readFile(join(folder, 'builds'), 'utf8').catch(() => '')).split('\n').length - 1;

test('only a service that depends on mediasoup needs the worker, in the version that is installed', async () => {
  expect(await nativeTools(folder, [join(folder, 'services/chat'), join(folder, 'nowhere')])).toEqual([]);
  expect(await wanted()).toMatchObject([{ name: 'mediasoup-worker', source: { version: '3.27.1' } }]);
});

test('the release of the vendor is taken where it runs, and kept', async () => {
  const releases = await vendor({ status: 200, body: await release(program) });
  const found = await install(releases);
  expect(found).toMatchObject({ version: '3.27.1', from: 'cache' });
  expect(titles).toEqual(['mediasoup-worker 3.27.1']);
  expect(said.at(-1)).toBe('the official release');
  titles = [];
  expect(await install('http://127.0.0.1:1')).toEqual(found);
  expect([titles, await builds()]).toEqual([[], 0]);
});

test.each([
  ['the vendor refuses', async () => ({ status: 403 })],
  [
    'the release does not run here',
    async () => ({ status: 200, body: await release('#!/bin/sh\nexit 1\n') }),
  ],
  ['what the vendor sends is no archive', async () => ({ status: 200, body: Buffer.from('<html>') })],
])('where %s, the worker is built', async (_name, answer) => {
  const found = await install(await vendor(await answer()));
  expect(found).toMatchObject({ version: '3.27.1', from: 'cache' });
  expect(said.at(-1)).toBe('built from source');
  expect(await builds()).toBe(1);
});

test('another recipe builds another worker, and the other one stays', async () => {
  const first = await install('http://127.0.0.1:1');
  await put('toolchain/mediasoup-worker/shims/one.h', '// changed\n');
  const second = await install('http://127.0.0.1:1');
  expect(second?.path).not.toBe(first?.path);
  expect(await builds()).toBe(2);
  const kept = await readdir(join(folder, '.cache/tandem/toolchain'));
  expect(kept.filter((name) => name.startsWith('mediasoup-worker-3.27.1-'))).toHaveLength(2);
});

test('a build that fails shows its last words, and the next one goes on from there', async () => {
  await put('broken', '');
  await expect(install('http://127.0.0.1:1')).rejects.toMatchObject({
    diagnostics: [{ code: 'TDM-415', title: 'mediasoup-worker: building the worker failed' }],
  });
  await rm(join(folder, 'broken'));
  await install('http://127.0.0.1:1');
  expect(said).toContain('building the worker: 2 of 2 files');
});

test('an interrupted build leaves nothing that looks finished', async () => {
  await put('slow', '');
  const abort = new AbortController();
  const installing = install('http://127.0.0.1:1', abort.signal);
  const outcome = installing.catch((error: unknown) => error);
  await until('the build has begun', () => readFile(join(folder, 'building')).then(() => true));
  abort.abort(new Error('Ctrl-C'));
  expect(await outcome).toMatchObject({ message: 'Ctrl-C' });
  const kept = await readdir(join(folder, '.cache/tandem/toolchain'));
  expect(kept.filter((name) => name.startsWith('mediasoup'))).toEqual([]);
  await rm(join(folder, 'slow'));
  expect(await install('http://127.0.0.1:1')).toMatchObject({ version: '3.27.1' });
});
