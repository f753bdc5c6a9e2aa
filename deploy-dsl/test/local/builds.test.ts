import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TandemError } from '../../src/language/diagnostic.ts';
import type { Model } from '../../src/language/model.ts';
import { silentBuilding } from '../../src/local/build-script.ts';
import { pruneBuilds, snapshotBuilds } from '../../src/local/builds.ts';

const run = promisify(execFile);
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-builds-'));
  await put('services/hello/package.json', '{"type":"module","dependencies":{"@tandem/common":"*"}}');
  await put(
    'services/hello/src/main.ts',
    "import { name } from '@tandem/common';\nconst to: string = name;\nconsole.log('hello', to);\n",
  );
  await put('services/hello/test/main.test.ts', 'not part of it');
  await put('services/hello/.env', 'SECRET=1');
  await put('common/package.json', '{"name":"@tandem/common","type":"module","exports":"./src/index.ts"}');
  await put('common/src/index.ts', "export const name: string = 'common';\n");
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('a build runs by itself, with common, and holds neither tests nor hidden files', async () => {
  const build = await buildOf('hello');
  expect(await readdir(join(build, 'service'))).toEqual(['package.json', 'src']);
  const { stdout } = await run(process.execPath, ['src/main.ts'], { cwd: join(build, 'service') });
  expect(stdout).toBe('hello common\n');
});

test('the same files give the same build; an edit of the service or of common gives another', async () => {
  const first = await buildOf('hello');
  expect(await buildOf('hello')).toBe(first);
  await put('services/hello/test/more.test.ts', 'tests are not part of it');
  expect(await buildOf('hello')).toBe(first);

  await put('common/src/index.ts', "export const name: string = 'changed';\n");
  const second = await buildOf('hello');
  expect(second).not.toBe(first);
  await put('services/hello/src/extra.ts', 'export {};\n');
  expect(await buildOf('hello')).not.toBe(second);

  const { stdout } = await run(process.execPath, ['src/main.ts'], { cwd: join(first, 'service') });
  expect(stdout, 'a former build still runs the former code').toBe('hello common\n');
});

test('eight commands at once make one build and leave no temporary folder', async () => {
  const digests = await Promise.all(
    Array.from({ length: 8 }, () => snapshotBuilds(root, root, model('hello'))),
  );
  expect(new Set(digests.map((found) => found.get('hello'))).size).toBe(1);
  expect(await readdir(join(root, '.tandem/builds'))).toHaveLength(1);
});

test('a service with an image has no build', async () => {
  const images = model('hello');
  for (const service of Object.values(images.services)) service.image = 'registry.example/hello:1';
  expect(await snapshotBuilds(root, root, images)).toEqual(new Map());
});

test('packages that only this service has are found from its build', async () => {
  await put('services/hello/node_modules/only-here/package.json', '{"name":"only-here"}');
  const build = await buildOf('hello');
  expect((await lstat(join(build, 'service/node_modules'))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(build, 'service/node_modules/only-here/package.json'), 'utf8')).toContain(
    'only-here',
  );
});

describe('a service with a script `build`', () => {
  const withScript = (script: string) =>
    put('services/hello/package.json', JSON.stringify({ type: 'module', scripts: { build: script } }));
  const make = 'mkdir dist && cp src/main.ts dist/';

  test('is built in its copy, once for the same sources, whatever an own build left in the folder', async () => {
    await withScript(make);
    const seen: string[] = [];
    const building = {
      ...silentBuilding,
      begun: (service: string) => {
        seen.push(service);
        return (ok: boolean) => void seen.push(ok ? 'well' : 'badly');
      },
    };
    await put('services/hello/dist/old.ts', 'made by hand');
    const first = await snapshotBuilds(root, root, model('hello'), building);
    await put('services/hello/dist/older.ts', 'made by hand');
    expect(await snapshotBuilds(root, root, model('hello'), building)).toEqual(first);
    expect(seen).toEqual(['hello', 'well']);
    const build = join(root, '.tandem/builds', `hello-${first.get('hello')}`, 'service');
    expect(await readdir(join(build, 'dist'))).toEqual(['main.ts']);
    expect(await readdir(join(root, 'services/hello/dist'))).toEqual(['old.ts', 'older.ts']);
  });

  test.each([
    { what: 'fails', script: 'echo no such thing >&2; exit 3', code: 'TDM-452' },
    { what: 'makes nothing', script: 'true', code: 'TDM-453' },
  ])('that $what leaves no build', async ({ script, code }) => {
    await withScript(script);
    const failure = await snapshotBuilds(root, root, model('hello')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ diagnostics: [{ code }] });
    if (code === 'TDM-452') expect(String(JSON.stringify(failure))).toContain('no such thing');
    expect(await readdir(join(root, '.tandem/builds'))).toEqual([]);
  });

  test('that is interrupted leaves no build either', async () => {
    await withScript('sleep 60');
    const interrupt = new AbortController();
    const building = {
      ...silentBuilding,
      signal: interrupt.signal,
      begun: () => {
        setImmediate(() => interrupt.abort(new Error('Ctrl-C')));
        return () => undefined;
      },
    };
    await expect(snapshotBuilds(root, root, model('hello'), building)).rejects.toThrow('Ctrl-C');
    expect(await readdir(join(root, '.tandem/builds'))).toEqual([]);
  });
});

test('a missing folder is an error that names the service', async () => {
  const failure = await snapshotBuilds(root, root, model('nobody')).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TandemError);
  expect(failure).toMatchObject({ diagnostics: [{ code: 'TDM-450' }] });
});

test('pruning keeps what is named and what was used a moment ago', async () => {
  const old = await buildOf('hello');
  await put('services/hello/src/extra.ts', 'export {};\n');
  const named = await buildOf('hello');
  await put('services/hello/src/extra.ts', 'export const two = 2;\n');
  const recent = await buildOf('hello');
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const build of [old, named]) await utimes(build, yesterday, yesterday);

  const keep = new Set([nameOf(named)]);
  expect(await pruneBuilds(root, keep)).toEqual([nameOf(old)]);
  expect((await readdir(join(root, '.tandem/builds'))).sort()).toEqual(
    [nameOf(named), nameOf(recent)].sort(),
  );
});

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

async function buildOf(service: string): Promise<string> {
  const digests = await snapshotBuilds(root, root, model(service));
  return join(root, '.tandem/builds', `${service}-${digests.get(service)}`);
}

function nameOf(build: string): string {
  return build.slice(build.lastIndexOf('/') + 1);
}

function model(name: string): Model {
  return {
    environment: 'local',
    local: true,
    driver: 'raw_exec',
    registry: null,
    domain: null,
    clouds: [],
    edge: { port: 8080, limit: { requests: 1, per: 'second', by: 'address' }, memoryMiB: 64 },
    rabbitmq: { memoryMiB: 256, connections: 100, pool: 1 },
    services: {
      [name]: {
        name,
        image: null,
        version: null,
        command: ['node', 'src/main.ts'],
        directory: `services/${name}`,
        instances: {},
        cpuMHz: 100,
        memory: { softMiB: 64, hardMiB: 64 },
        class: 'default',
        routes: [],
        needs: [],
        calls: [],
        publishes: [],
        consumes: [],
        redis: null,
        secrets: [],
        env: {},
        health: { path: '/healthz/ready', live: null, intervalMs: 1000, timeoutMs: 1000 },
        update: {
          canaryPercent: null,
          bakeMs: 0,
          healthyMs: 1000,
          deadlineMs: 60_000,
          parallel: 1,
          revert: true,
          drainMs: 1000,
        },
        ports: [],
        volumes: [],
        spread: null,
      },
    },
  };
}
