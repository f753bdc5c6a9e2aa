import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { runNode } from '../checks/run-node.ts';
import { readIfPresent, writeAtomically } from '../local/files.ts';
import type { NewService } from './new-service.ts';
import { manifestOf, sourceFiles } from './source-files.ts';
import { testFiles } from './test-files.ts';

/** A service that is made, but not yet a part of the project. */
export interface StagedService {
  /** Its files, by their path in its folder. */
  files: string[];
  /** Makes it a part of the project: its folder, services.yml, and the workspace of npm. All of it or nothing. */
  keep(changed: { servicesYml: string; lockFile: string }): Promise<void>;
  /** Leaves nothing behind. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes the folder of a service beside those of the others, under a name that neither npm nor the compiler looks at. */
export async function stageService(
  root: string,
  service: NewService,
  signal: AbortSignal,
): Promise<StagedService> {
  const folder = join(root, 'services', `.${service.name}-${randomUUID()}`);
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const written = new Map([...sourceFiles(service), ...testFiles(service)]);
    await writeFiles(folder, written);
    await format(root, folder, signal);
    await writeContracts(root, folder, service, signal);
    return {
      files: await filesIn(folder),
      keep: (changed) => keep(root, service.name, folder, changed),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** How long a line is depends on the names in it. */
async function format(root: string, folder: string, signal: AbortSignal): Promise<void> {
  const script = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = ['check', '--write', '--linter-enabled=false', '--colors=off', folder];
  const { code, output } = await runNode(script, args, { cwd: root, env: process.env, signal });
  if (code !== 0) throw new Error(`the files of the new service could not be formatted:\n${output}`);
}

/** As `npm run contract` does it: these files are generated, and no formatter touches them. */
async function writeContracts(
  root: string,
  folder: string,
  { consumes }: NewService,
  signal: AbortSignal,
): Promise<void> {
  const script = join(root, 'common/src/contract/main.ts');
  const args = consumes === null ? [] : ['--from', consumes.owner];
  const { code, output } = await runNode(script, args, { cwd: folder, env: process.env, signal });
  if (code !== 0) throw new Error(`the contract of the new service could not be written:\n${output}`);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => relative(folder, join(file.parentPath, file.name))).sort();
}

async function keep(
  root: string,
  name: string,
  staged: string,
  { servicesYml, lockFile }: { servicesYml: string; lockFile: string },
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  const replace = async (path: string, text: string) => {
    const before = await readFile(path);
    undo.push(() => writeAtomically(path, before));
    await writeAtomically(path, text);
  };
  const modules = join(root, 'node_modules');
  const link = join(modules, manifestOf(name).name);
  const installed = join(modules, '.tandem-lock');
  try {
    // By it the launcher knows that the packages are those of the lock file, as they still are.
    const isInstalled =
      (await readIfPresent(installed)) === (await readIfPresent(join(root, 'package-lock.json')));
    const folder = join(root, 'services', name);
    await rename(staged, folder);
    undo.push(() => rm(folder, { recursive: true, force: true }));
    await mkdir(dirname(link), { recursive: true });
    await rm(link, { force: true });
    undo.push(() => rm(link, { force: true }));
    await symlink(join('../../services', name), link);
    await replace(join(root, 'package-lock.json'), lockFile);
    if (isInstalled) await replace(installed, lockFile);
    await replace(join(root, 'services.yml'), servicesYml);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}
