import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';

const launcher = resolve(import.meta.dirname, '../../../tandem');

/**
 * Stands in for npm, so that nothing is downloaded: `install` makes the given Node, `ci` makes packages; both keep
 * a diary. NPM_WAITS makes it wait until that file is gone, NPM_FAILS makes it fail.
 */
const fakeNpm = `#!/bin/sh
echo "$*" >>"$DIARY"
prefix=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=$2; shift ;;
    ci) what=packages ;;
    install) what=node ;;
  esac
  shift
done
mkdir -p "$prefix/node_modules/.bin"
while [ -n "$NPM_WAITS" ] && [ -e "$NPM_WAITS" ]; do sleep 0.1; done
if [ -n "$NPM_FAILS" ]; then echo "npm error $NPM_FAILS"; exit 1; fi
if [ "$what" = node ]; then
  ln -s "$REAL_NODE" "$prefix/node_modules/.bin/node"
else
  ls "$prefix" | grep '^package' >"$prefix/node_modules/made-of"
fi
`;

let home = '';
let project = '';
let bin = '';
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tandem-launcher-'));
  // Spaces, because they break scripts.
  project = join(home, 'my project');
  bin = join(home, 'bin');
  await mkdir(join(project, 'deploy-dsl/src'), { recursive: true });
  await mkdir(bin);
  await copyFile(launcher, join(project, 'tandem'));
  await writeFile(join(project, 'package.json'), '{}');
  await writeFile(join(project, 'package-lock.json'), '{"first":true}');
  await writeFile(
    join(project, 'deploy-dsl/src/main.ts'),
    'const words: string[] = process.argv.slice(2);\nconsole.log(JSON.stringify({ words, cwd: process.cwd() }));\n',
  );
  await writeFile(join(bin, 'npm'), fakeNpm);
  await chmod(join(bin, 'npm'), 0o755);
  await provide(
    'sh',
    'cat',
    'cmp',
    'cp',
    'date',
    'dirname',
    'env',
    'find',
    'flock',
    'grep',
    'ln',
    'ls',
    'mkdir',
  );
  await provide('mktemp', 'mv', 'readlink', 'rm', 'sed', 'sleep', 'uname');
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
  }
  await rm(home, { recursive: true, force: true });
});

/** The PATH of these tests holds only what is put there. */
async function provide(...programs: string[]) {
  for (const program of programs) {
    await symlink(`/usr/bin/${program}`, join(bin, program));
  }
}

async function provideNode(version: string) {
  await writeFile(
    join(bin, 'node'),
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else exec "$REAL_NODE" "$@"; fi\n`,
  );
  await chmod(join(bin, 'node'), 0o755);
}

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

function start(words: string[], env: NodeJS.ProcessEnv = {}, program = join(project, 'tandem')) {
  const child = spawn(program, words, {
    cwd: home,
    env: { PATH: bin, HOME: home, DIARY: join(home, 'diary'), REAL_NODE: process.execPath, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a signal reaches what it started, as Ctrl-C does.
    detached: true,
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => {
    output.stdout += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => done({ code, signal, ...output }));
  });
  return { child, ended };
}

const tandem = (words: string[], env: NodeJS.ProcessEnv = {}) => start(words, env).ended;
const diary = async () =>
  (await readFile(join(home, 'diary'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
const packages = () => readFile(join(project, 'node_modules/made-of'), 'utf8');

/** Folders that an installation works in; none may be left. */
async function leftOvers(): Promise<string[]> {
  const list = async (folder: string) =>
    (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  const all = [
    ...(await list(join(project, '.tandem'))),
    ...(await list(join(home, '.cache/tandem/toolchain'))),
  ];
  return all.filter((path) => /npm-|\.node-/.test(path));
}

describe('on a fresh machine', () => {
  test('fetches Node and the packages once, then runs the command where the user is', async () => {
    const first = await tandem(['plan', '--env', 'a b', '']);
    expect(first.stderr).toMatch(/^tandem: fetching Node [\d.]+\ntandem: installing the npm packages\n$/);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual({ words: ['plan', '--env', 'a b', ''], cwd: home });
    expect((await diary())[0]).toMatch(/^install .*node-linux-(x64|arm64)@24\./);
    expect((await diary())[1]).toMatch(/^ci /);
    expect(await packages()).toBe('package-lock.json\npackage.json\n');

    const second = await tandem(['plan']);
    expect(second.stderr).toBe('');
    expect(await diary()).toHaveLength(2);
    expect(await leftOvers()).toEqual([]);
  });

  test.each(['v20.19.0', 'v24.6.0'])('an old Node on the PATH does not count: %s', async (version) => {
    await provideNode(version);
    expect((await tandem([])).stderr).toContain('fetching Node');
  });

  test.each(['v24.7.0', 'v26.1.0'])('a recent Node on the PATH is taken: %s', async (version) => {
    await provideNode(version);
    const { code, stderr } = await tandem([]);
    expect([code, stderr]).toEqual([0, 'tandem: installing the npm packages\n']);
  });

  test('TANDEM_NODE is taken before everything else, or refused', async () => {
    const good = await tandem([], { TANDEM_NODE: process.execPath });
    expect([good.code, good.stderr]).toEqual([0, 'tandem: installing the npm packages\n']);
    const bad = await tandem([], { TANDEM_NODE: join(bin, 'cat') });
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('TANDEM_NODE names');
  });

  test('without node and npm it says what to install', async () => {
    await rm(join(bin, 'npm'));
    const { code, stdout, stderr } = await tandem(['up']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('needs npm');
    expect(stderr).toContain('apt-get install npm');
  });

  test('completion at the prompt installs nothing and stays silent', async () => {
    const { stdout, stderr } = await tandem(['__complete', ''], { TANDEM_NODE: process.execPath });
    expect([stdout, stderr, await diary()]).toEqual(['', '', []]);
  });
});

describe('from anywhere', () => {
  test('through symbolic links and by its name on the PATH', async () => {
    await mkdir(join(home, 'links'));
    await symlink('../my project/tandem', join(home, 'links/one'));
    await symlink(join(home, 'links/one'), join(bin, 'tandem'));
    const env = { TANDEM_NODE: process.execPath };
    for (const program of [join(home, 'links/one'), 'tandem']) {
      const { code, stdout } = await start(['x'], env, program).ended;
      expect([code, JSON.parse(stdout)]).toEqual([0, { words: ['x'], cwd: home }]);
    }
  });
});

describe('the packages', () => {
  const env = { TANDEM_NODE: process.execPath };

  test('follow the lock file, and only that', async () => {
    await tandem([], env);
    await writeFile(join(project, 'package.json'), '{"name":"changed"}');
    await tandem([], env);
    expect(await diary()).toHaveLength(1);
    await writeFile(join(project, 'package-lock.json'), '{"second":true}');
    expect((await tandem([], env)).stderr).toBe('tandem: installing the npm packages\n');
    expect(await diary()).toHaveLength(2);
    expect(await leftOvers()).toEqual([]);
  });

  test('when npm fails, its words are shown, the old packages stay, and the next start tries again', async () => {
    await tandem([], env);
    await writeFile(join(project, 'package-lock.json'), '{"second":true}');
    const failed = await tandem([], { ...env, NPM_FAILS: 'ENETUNREACH' });
    expect([failed.code, failed.stdout]).toEqual([1, '']);
    expect(failed.stderr).toContain('  npm error ENETUNREACH\n');
    expect(await packages()).toContain('package-lock.json');
    expect(await leftOvers()).toEqual([]);
    expect((await tandem([], env)).code).toBe(0);
  });

  test('two launchers at once install once', async () => {
    const waits = join(home, 'waits');
    await writeFile(waits, '');
    const launchers = [1, 2, 3].map((n) => start([String(n)], { ...env, NPM_WAITS: waits }));
    await until('npm runs', async () => (await diary()).length > 0);
    await rm(waits);
    const ended = await Promise.all(launchers.map((each) => each.ended));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await diary()).toHaveLength(1);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s in the middle leaves nothing behind, and the next start works',
    async (signal) => {
      const waits = join(home, 'waits');
      await writeFile(waits, '');
      const { child, ended } = start([], { ...env, NPM_WAITS: waits });
      await until('npm runs', async () => (await diary()).length > 0);
      process.kill(-(child.pid ?? 0), signal);
      const { code } = await ended;
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(await leftOvers()).toEqual([]);
      await expect(packages()).rejects.toThrow('ENOENT');
      expect((await tandem([], env)).code).toBe(0);
    },
  );

  test('what a killed launcher left is cleared away by the next', async () => {
    const waits = join(home, 'waits');
    await writeFile(waits, '');
    const { child, ended } = start([], { ...env, NPM_WAITS: waits });
    await until('npm runs', async () => (await diary()).length > 0);
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    expect(await leftOvers()).toHaveLength(1);
    expect((await tandem([], env)).code).toBe(0);
    expect(await leftOvers()).toEqual([]);
  });
});
