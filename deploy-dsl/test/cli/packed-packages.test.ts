import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packedFolder, packedPackages } from '../../src/cli/packed-packages.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const cli = join(root, 'deploy-dsl/src/cli');
/** A project with the packages of this one, as the launcher has it when they are installed. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'tandem-packed-'));
  await mkdir(join(project, 'node_modules'));
  await mkdir(join(project, 'deploy-dsl'));
  for (const name of ['typebox', 'consul', 'papi', 'yaml', 'rolldown', '@rolldown', '@oxc-project']) {
    const from = join(root, 'node_modules', name);
    await mkdir(join(project, 'node_modules', name, '..'), { recursive: true });
    await symlink(from, join(project, 'node_modules', name));
  }
  await cp(join(root, 'deploy-dsl/package.json'), join(project, 'deploy-dsl/package.json'));
  await writeFile(join(project, 'package.json'), '{}');
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Names that a module exports, as a process with or without the packed packages sees them, and where it came from. */
async function seen(name: string, use: boolean): Promise<{ names: string[]; from: string }> {
  const program = `
    import { usePackedPackages } from ${JSON.stringify(pathToFileURL(join(cli, 'packed-packages.ts')).href)};
    if (${use}) usePackedPackages(${JSON.stringify(join(project, 'node_modules'))});
    const names = Object.keys(await import(${JSON.stringify(name)})).sort();
    console.log(JSON.stringify({ names, from: import.meta.resolve(${JSON.stringify(name)}) }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: project });
  return JSON.parse(stdout);
}

test('without packed packages the packages themselves are loaded', async () => {
  expect((await seen('typebox', true)).from).toContain('/typebox/build/index.mjs');
});

test('packed packages give what the packages give', async () => {
  await run(process.execPath, [join(cli, 'pack-packages.ts'), project]);
  for (const [name, file] of packedPackages) {
    const packed = await seen(name, true);
    expect(packed.from).toBe(pathToFileURL(join(packedFolder(join(project, 'node_modules')), file)).href);
    expect(packed.names).toEqual(
      expect.arrayContaining((await seen(name, false)).names.filter((each) => each !== 'module.exports')),
    );
  }
});

test('what one of them made, another one understands', async () => {
  const program = `
    import { usePackedPackages } from ${JSON.stringify(pathToFileURL(join(cli, 'packed-packages.ts')).href)};
    usePackedPackages(${JSON.stringify(join(project, 'node_modules'))});
    const { Type } = await import('typebox');
    const { Value } = await import('typebox/value');
    const shape = Type.Object({ at: Type.Optional(Type.String()), list: Type.Array(Type.Integer()) });
    console.log(Value.Check(shape, { list: [1] }), Value.Check(shape, { list: ['1'] }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: project });
  expect(stdout.trim()).toBe('true false');
});
