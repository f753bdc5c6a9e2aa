import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTool } from '../../src/local/toolchain/find.ts';
import { ensureToolchain } from '../../src/local/toolchain/install.ts';
import { download, ReleaseUnavailable } from '../../src/local/toolchain/release.ts';
import type { Tool } from '../../src/local/toolchain/tools.ts';
import { isWanted, parseVersion } from '../../src/local/toolchain/version.ts';
import type { Progress } from '../../src/terminal/terminal.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
let folder: string;
let server: Server | null = null;
let requests: { path: string; range: string | undefined }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-toolchain-'));
  requests = [];
});

afterEach(async () => {
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
  await rm(folder, { recursive: true, force: true });
});

/** Serves one file at every path, in parts too. @returns its address */
async function serve(
  content: Buffer,
  cut: { at: number; when: () => Promise<unknown> } | null = null,
): Promise<string> {
  const started = createServer((request, response) => {
    const range = request.headers.range;
    requests.push({ path: request.url ?? '', range });
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const rest = content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length });
    if (cut !== null && from === 0) {
      response.write(rest.subarray(0, cut.at));
      void cut.when().then(() => response.destroy());
    } else {
      response.end(rest);
    }
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://127.0.0.1:${address.port}`;
}

/** A vendor's zip with a program in it that says its version. */
async function release(version: string): Promise<Buffer> {
  const source = join(folder, 'release');
  await put(join(source, 'consul-template'), `#!/bin/sh\necho "consul-template v${version}"\n`);
  await put(join(source, 'LICENSE.txt'), 'licence');
  const script =
    'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)\n[z.write(f) for f in sys.argv[2:]]\nz.close()';
  await run('python3', ['-c', script, join(folder, 'release.zip'), 'LICENSE.txt', 'consul-template'], {
    cwd: source,
  });
  return readFile(join(folder, 'release.zip'));
}

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o755);
}

function tool(sha256: string): Tool {
  return {
    name: 'consul-template',
    wanted: { atLeast: '0.41', below: 1 },
    versionArgs: ['-version'],
    folders: [],
    source: {
      kind: 'pinned',
      version: '0.41.3',
      sha256: { amd64: sha256, arm64: sha256 },
      bytes: 1,
      buildMinutes: 1,
    },
  };
}

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder, ...more };
}

function recording(): { progress: Progress; said: string[] } {
  const said: string[] = [];
  const say = (detail?: string) => said.push(detail ?? '');
  return {
    said,
    progress: { step: () => ({ update: say, wait: say, done: say, fail: say, skip: say }), close: () => {} },
  };
}

const sha = (content: Buffer) => createHash('sha256').update(content).digest('hex');

test('the official release is downloaded, checked, unpacked and cached', async () => {
  const zip = await release('0.41.3');
  const env = environment({ TANDEM_RELEASES: await serve(zip) });
  const { progress, said } = recording();
  const install = () => ensureToolchain({ root: folder, env, progress, signal: never }, [tool(sha(zip))]);
  const found = (await install()).get('consul-template');
  expect(found).toMatchObject({ version: '0.41.3', from: 'cache' });
  expect(requests[0]?.path).toMatch(
    /^\/consul-template\/0\.41\.3\/consul-template_0\.41\.3_linux_(amd64|arm64)\.zip$/,
  );
  expect(said.at(-1)).toBe('the official release');
  expect(await readdir(join(folder, 'cache/tandem/toolchain/consul-template-0.41.3'))).toEqual(['bin']);
  expect(await readdir(join(folder, 'cache/tandem/toolchain/.unfinished')), 'nothing is left over').toEqual(
    [],
  );

  await install();
  expect(requests, 'the second time it is there').toHaveLength(1);
});

test('a release with another checksum is not used, and without Go there is a clear way out', async () => {
  const zip = await release('0.41.3');
  const env = environment({ TANDEM_RELEASES: await serve(zip), PATH: join(folder, 'empty') });
  const { progress } = recording();
  const wrong = ensureToolchain({ root: folder, env, progress, signal: never }, [tool('0'.repeat(64))]);
  await expect(wrong).rejects.toMatchObject({
    diagnostics: [
      { code: 'TDM-414', evidence: [expect.stringContaining('another checksum'), 'Go: not on PATH'] },
    ],
  });
  expect((await findTool(tool(''), env)).found).toBeNull();
});

test('a program in the cache that does not run is replaced', async () => {
  const zip = await release('0.41.3');
  const env = environment({ TANDEM_RELEASES: await serve(zip) });
  const cached = join(folder, 'cache/tandem/toolchain/consul-template-0.41.3/bin/consul-template');
  await put(cached, 'cut off in the middle');
  const { rejected } = await findTool(tool(sha(zip)), env);
  expect(rejected).toEqual([{ path: cached, version: null }]);
  const { progress } = recording();
  const found = await ensureToolchain({ root: folder, env, progress, signal: never }, [tool(sha(zip))]);
  expect(found.get('consul-template')?.path).toBe(cached);
  expect((await run(cached)).stdout).toContain('v0.41.3');
});

test('what PATH has is taken when its version is wanted, and only then', async () => {
  await put(join(folder, 'bin/consul-template'), '#!/bin/sh\necho "consul-template v0.42.0" >&2\n');
  const env = environment({ PATH: `${join(folder, 'bin')}:/usr/bin:/bin` });
  expect((await findTool(tool(''), env)).found).toMatchObject({ version: '0.42.0', from: 'PATH' });
  await put(join(folder, 'bin/consul-template'), '#!/bin/sh\necho "consul-template v0.19.5"\n');
  expect(await findTool(tool(''), env)).toMatchObject({ found: null, rejected: [{ version: '0.19.5' }] });
});

test('a download that was cut off goes on where it ended', async () => {
  const content = Buffer.alloc(300_000, 'tandem');
  const to = join(folder, 'file.zip');
  const url = await serve(content, {
    at: 100_000,
    when: () => until('some of it has arrived', async () => (await stat(`${to}.part`)).size > 0),
  });
  const attempt = () => download({ url, to, sha256: sha(content), signal: never, progress: () => {} });
  await expect(attempt()).rejects.toBeInstanceOf(ReleaseUnavailable);
  expect((await stat(`${to}.part`)).size).toBeGreaterThan(0);
  await attempt();
  expect(requests[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(sha(await readFile(to))).toBe(sha(content));
});

test('a host that refuses is given up', async () => {
  const closed = await serve(Buffer.alloc(0));
  await new Promise<void>((resolve) => server?.close(() => resolve()));
  server = null;
  const refused = download({
    url: closed,
    to: join(folder, 'x'),
    sha256: '',
    signal: never,
    progress: () => {},
  });
  await expect(refused).rejects.toThrow(/ECONNREFUSED/);
});

test('two at once install it once', async () => {
  const zip = await release('0.41.3');
  const env = environment({ TANDEM_RELEASES: await serve(zip) });
  const install = () =>
    ensureToolchain({ root: folder, env, progress: recording().progress, signal: never }, [tool(sha(zip))]);
  const [one, two] = await Promise.all([install(), install()]);
  expect(one).toEqual(two);
  expect(requests).toHaveLength(1);
});

test.each([
  ['Nomad v1.11.3', '1.11', true],
  ['nginx version: nginx/1.22.1', '1.22', true],
  ['Redis server v=7.0.15 sha=00000000:0', '7.0', true],
  ['Redis server v=6.0.16', '7.0', false],
  ['Nomad v1.9.12', '1.11', false],
  ['Nomad v2.0.0-dev', '1.11', false],
  ['RabbitMQ 4.0.1', '3.10', true],
])('%s against >= %s: %s', (text, atLeast, wanted) => {
  const version = parseVersion(text);
  const below = text.startsWith('Nomad') ? { below: 2 } : {};
  expect(version !== null && isWanted(version, { atLeast, ...below })).toBe(wanted);
});
