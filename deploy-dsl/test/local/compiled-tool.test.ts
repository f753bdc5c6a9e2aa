import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureToolchain } from '../../src/local/toolchain/install.ts';
import type { Tool } from '../../src/local/toolchain/tools.ts';
import type { Progress } from '../../src/terminal/terminal.ts';

/**
 * The road of nginx, with everything real but the registries: cargo and apt-get are scripts that hand out a source of
 * two files, which the compiler of this machine builds.
 */

const never = new AbortController().signal;
let folder: string;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-compiled-'));
  said = [];
  for (const name of ['sh', 'cat', 'make', 'cc', 'as', 'ld', 'strip', 'tar', 'gzip', 'mkdir', 'touch']) {
    const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    await mkdir(join(folder, 'bin'), { recursive: true });
    await symlink(path, join(folder, 'bin', name));
  }
  await mkdir(join(folder, 'toolchain/nginx'), { recursive: true });
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

const tool: Tool = {
  name: 'nginx',
  wanted: { atLeast: '1.27.4' },
  versionArgs: ['-v'],
  folders: [],
  source: {
    kind: 'compiled',
    version: '1.28.3',
    packages: [],
    buildMinutes: 1,
    standIn: { wanted: { atLeast: '1.22' }, packages: ['nginx'], optional: [], costs: 'it is old' },
  },
};

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  await chmod(join(folder, path), 0o755);
}

/** A source in the crates registry, its cargo, and an apt-get that has the source of the brotli module. */
async function registries(): Promise<void> {
  const crate = join(folder, 'registry/nginx-src');
  await put(
    'registry/nginx-src/nginx/auto/configure',
    `#!/bin/sh
echo "$@" >>${folder}/configured
mkdir -p objs
printf 'all:\\n\\t$(MAKE) -f objs/Makefile\\n' >Makefile
cat >objs/Makefile <<'MAKE'
objs/nginx: objs/main.o objs/version.o
	cc -o objs/nginx objs/main.o objs/version.o
objs/main.o: main.c
	cc -c -o objs/main.o main.c
objs/version.o: version.c
	cc -c -I ${folder}/include -o objs/version.o version.c
MAKE
`,
  );
  await put('registry/nginx-src/nginx/main.c', 'int version(void); int main(void) { return version(); }\n');
  await put(
    'registry/nginx-src/nginx/version.c',
    '#include <stdio.h>\n#include "number.h"\n' +
      'int version(void) { fputs("nginx version: nginx/" NUMBER "\\n", stderr); return 0; }\n',
  );
  await put('include/number.h', '#define NUMBER "1.28.3"\n');
  await put(
    'bin/cargo',
    `#!/bin/sh
echo "$1" >>${folder}/cargo-calls
[ "$1" = --version ] && exit 0
echo '{"packages":[{"name":"nginx-src","manifest_path":"${crate}/Cargo.toml"}]}'
`,
  );
  await put('module/x/config', 'ngx_addon_name=ngx_brotli\n');
  await put(
    'bin/apt-get',
    `#!/bin/sh
for word; do [ "$word" = source ] && tar -czf module_1.orig.tar.gz -C ${folder}/module x; done
exit 0
`,
  );
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder };
}

async function install() {
  const say = (detail?: string) => said.push(detail ?? '');
  const step = { update: say, wait: say, done: say, fail: say, skip: say };
  const progress: Progress = { step: () => step, close: () => {} };
  const toolchain = await ensureToolchain({ root: folder, env: environment(), progress, signal: never }, [
    tool,
  ]);
  return toolchain.get('nginx');
}

const lines = async (file: string) =>
  (await readFile(join(folder, file), 'utf8').catch(() => '')).split('\n').slice(0, -1);

test('it is built from its source with the module, cached, and not built again', async () => {
  await registries();
  const found = await install();
  expect(found).toMatchObject({ version: '1.28.3', from: 'cache' });
  expect(found?.standsIn).toBeUndefined();
  expect(said.at(-1)).toBe('built from source');
  expect(said).toContain('building: 2 of 2 files');
  const module = /--add-module=(\S+)/.exec((await lines('configured')).join())?.[1];
  expect(module, 'the module was unpacked for it').toMatch(/\/brotli\/source$/);
  const cache = join(folder, 'cache/tandem/toolchain');
  expect(await readdir(join(cache, 'nginx-1.28.3'))).toEqual(['bin']);
  expect(await readdir(join(cache, '.unfinished')), 'nothing is left over').toEqual([]);

  const calls = await lines('cargo-calls');
  expect(await install()).toEqual(found);
  expect(await lines('cargo-calls'), 'the second time it is there').toEqual(calls);
});

test('without apt it is built without the module', async () => {
  await registries();
  await put('bin/apt-get', '#!/bin/sh\nexit 1\n');
  expect(await install()).toMatchObject({ version: '1.28.3' });
  expect(said.at(-1)).toBe('built from source, without brotli');
});

test("without cargo the distribution's stands in, and it is said why and what that costs", async () => {
  await put('bin/nginx', '#!/bin/sh\necho "nginx version: nginx/1.22.1" >&2\n');
  expect(await install()).toEqual({
    path: join(folder, 'bin/nginx'),
    version: '1.22.1',
    from: 'PATH',
    standsIn: {
      forVersion: '1.28.3',
      why: 'its source comes with cargo, which is not on PATH',
      costs: 'it is old',
    },
  });
});

test("a build that fails leaves the distribution's, and goes on where it ended once that is mended", async () => {
  await registries();
  await rm(join(folder, 'include/number.h'));
  await put('bin/nginx', '#!/bin/sh\necho "nginx version: nginx/1.22.1" >&2\n');
  const found = await install();
  expect(found).toMatchObject({ version: '1.22.1', standsIn: { forVersion: '1.28.3' } });
  expect(found?.standsIn?.why).toMatch(/^compiling nginx failed: /);
  expect(said.at(-1)).toMatch(/^the one of the distribution instead: compiling nginx failed/);

  await put('include/number.h', '#define NUMBER "1.28.3"\n');
  said = [];
  expect(await install()).toMatchObject({ version: '1.28.3', from: 'cache' });
  expect(await lines('configured'), 'configured once').toHaveLength(1);
  expect(said, 'only the file that was missing is compiled').not.toContain('building: 2 of 2 files');
});

test('what PATH has in the wanted version is taken', async () => {
  await put('bin/nginx', '#!/bin/sh\necho "nginx version: nginx/1.29.0" >&2\n');
  expect(await install()).toEqual({ path: join(folder, 'bin/nginx'), version: '1.29.0', from: 'PATH' });
  expect(said).toEqual([]);
});
