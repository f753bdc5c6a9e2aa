import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifestName, packedFolder, packedPackages } from '../../src/packed/packages.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const source = join(root, 'deploy-dsl/src/packed');
/** A project with the packages of this one, as the launcher has it when they are installed. A space is in its path. */
let project: string;
let preload: string;
const unpacked = pathToFileURL(join(root, 'node_modules/typebox/build/index.mjs')).href;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'tandem packed-'));
  await mkdir(join(project, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  preload = join(project, 'deploy-dsl/src/packed/preload.ts');
  await cp(source, join(preload, '..'), { recursive: true });
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** What a program prints in a process that has the packed packages as a service has them. */
async function print(program: string, folder = project, options = `--require="${preload}"`): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: options },
  });
  return stdout.trim();
}

/** Names that all these modules export. */
const namesOf = (options: string) =>
  print(
    `const names = {};
    for (const name of ${JSON.stringify(packedPackages)}) names[name] = Object.keys(await import(name)).sort();
    console.log(JSON.stringify(names));`,
    project,
    options,
  ).then((text): Record<string, string[]> => JSON.parse(text));

/** The files that imports of all these lead to. */
const filesOf = (names: readonly string[]) =>
  print(
    `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => import.meta.resolve(name))));`,
  ).then((text): string[] => JSON.parse(text));

test('without packed packages the packages themselves are loaded', async () => {
  expect(await filesOf(['typebox'])).toEqual([unpacked]);
});

test('a manifest that is broken changes nothing', async () => {
  const folder = packedFolder(join(project, 'node_modules'));
  await mkdir(folder);
  await writeFile(join(folder, manifestName), '{ "typebox/build/index.mjs": "typ');
  expect(await filesOf(['typebox'])).toEqual([unpacked]);
  await rm(folder, { recursive: true });
});

describe('packed', () => {
  beforeAll(async () => {
    await run(process.execPath, [join(source, 'pack.ts'), project]);
  });

  test('every package is loaded from one file, and exports what it did', async () => {
    const folder = packedFolder(join(project, 'node_modules'));
    const manifest: Record<string, string> = JSON.parse(await readFile(join(folder, manifestName), 'utf8'));
    const files = Object.values(manifest).map((file) => pathToFileURL(join(folder, file)).href);
    expect(await filesOf(packedPackages)).toEqual(files);
    const [packed, plain] = await Promise.all([namesOf(`--require="${preload}"`), namesOf('')]);
    for (const name of packedPackages) {
      expect(packed[name]).toEqual(plain[name]?.filter((each) => each !== 'module.exports'));
    }
  });

  test('who has a package of its own goes on with that', async () => {
    const service = join(project, 'services/other');
    const own = join(service, 'node_modules/pino');
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'package.json'), '{ "name": "pino", "version": "0.0.1", "main": "index.js" }');
    await writeFile(join(own, 'index.js'), 'module.exports = "its own";');
    expect(await print('console.log((await import("pino")).default);', service)).toBe('its own');
  });

  test('sources are found by their path; of one that is missing Node says who wants it', async () => {
    const folder = join(project, 'sources');
    await mkdir(folder);
    await writeFile(join(folder, 'real.ts'), 'export const where: string = import.meta.filename;');
    await symlink('real.ts', join(folder, 'link.ts'));
    await writeFile(join(folder, 'main.ts'), "export * from './real.ts';");
    const [main, link] = ['main.ts', 'link.ts'].map((name) => pathToFileURL(join(folder, name)).href);
    const where = (url: string | undefined) => print(`console.log((await import('${url}')).where);`);
    expect(await where(main)).toBe(join(folder, 'real.ts'));
    expect(await where(link)).toBe(join(folder, 'real.ts'));
    await writeFile(join(folder, 'main.ts'), "import './none.ts';");
    await expect(where(main)).rejects.toThrow(/Cannot find module '.*none\.ts' imported from .*main\.ts/);
  });

  test('what requires a package gets it as it is', async () => {
    const program = `
      import { createRequire } from 'node:module';
      const require = createRequire(process.cwd() + '/');
      console.log(require.resolve('ajv'), typeof require('ajv'));`;
    const expected = join(root, 'node_modules/ajv/dist/ajv.js');
    expect(await print(program)).toBe(`${expected} function`);
  });

  test('what one of them made, another one understands', async () => {
    const program = `
      import fastify from 'fastify';
      import swagger from '@fastify/swagger';
      import { Type } from 'typebox';
      import { Value } from 'typebox/value';
      const app = fastify({ logger: false });
      await app.register(swagger, {});
      const schema = Type.Object({ room: Type.String() });
      app.post('/rooms', { schema: { body: schema } }, async ({ body }) => ({ ok: Value.Check(schema, body) }));
      const right = await app.inject({ method: 'POST', url: '/rooms', payload: { room: 'a' } });
      const wrong = await app.inject({ method: 'POST', url: '/rooms', payload: {} });
      // Without information of the service's own it reads its package.json, which is found beside it.
      const { info } = app.swagger();
      console.log(right.body, wrong.statusCode, Object.keys(app.swagger().paths).join(), info.version);`;
    const { version } = JSON.parse(
      await readFile(join(root, 'node_modules/@fastify/swagger/package.json'), 'utf8'),
    );
    expect(await print(program)).toBe(`{"ok":true} 400 /rooms ${version}`);
  });

  test('a package that starts a file of its own finds it', async () => {
    const file = join(project, 'out.log');
    const program = `
      import pino from 'pino';
      const stream = pino.transport({ target: 'pino/file', options: { destination: ${JSON.stringify(file)} } });
      stream.on('ready', () => { pino(stream).info('written by the worker'); stream.end(); });`;
    await print(program);
    expect(await readFile(file, 'utf8')).toContain('written by the worker');
  });
});
