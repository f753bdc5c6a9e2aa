import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TandemError } from '../language/diagnostic.ts';
import { serviceFolderMissing, serviceFolderUnreadable } from '../language/errors/local.ts';
import type { Model } from '../language/model.ts';
import { hasCode, readIfPresent } from './files.ts';
import { stateOf } from './state.ts';

/** A file of a build. Read once, so that what is written is what the digest was made of. */
interface Source {
  /** Relative to the build, with slashes. */
  name: string;
  content: Buffer;
  /** May be executed. */
  program: boolean;
}

/** Not part of what runs: packages, tests, what git and editors keep. */
const leftOut = new Set(['node_modules', 'test', 'tests', 'coverage']);
const isLeftOut = (name: string) =>
  leftOut.has(name) || name.startsWith('.') || /\.test\.[cm]?[jt]s$/.test(name);

/** Builds younger than this are never pruned: another deploy may be about to name them. */
const graceMs = 10 * 60_000;

/**
 * Copies the folder of every service that runs from this working tree to `.tandem/builds/<service>-<digest>/`:
 * `service/`, and where the service depends on @tandem/common a copy of it in `common/` with a link to it in
 * node_modules. Content-addressed and never changed, so that an instance runs the code it was deployed with.
 *
 * @param root the project; its node_modules hold the packages of every service
 * @param fileFolder folder of the YAML file, to which the services' folders are relative
 * @returns digest (12 hexadecimal digits) by name of the service; services with an image have none
 */
export async function snapshotBuilds(
  root: string,
  fileFolder: string,
  model: Model,
): Promise<Map<string, string>> {
  const services = Object.values(model.services).filter((service) => service.image === null);
  const found = await Promise.all(
    services.map(async (service): Promise<[string, string]> => {
      const folder = resolve(fileFolder, service.directory);
      return [service.name, await snapshot(root, service.name, folder)];
    }),
  );
  return new Map(found);
}

/**
 * Removes the builds that nothing names any more.
 *
 * @param keep names of builds (`<service>-<digest>`) that a release or a live job refers to
 * @returns the names of those removed
 */
export async function pruneBuilds(root: string, keep: ReadonlySet<string>): Promise<string[]> {
  const { builds } = stateOf(root);
  const names = await entriesOf(builds);
  const removed: string[] = [];
  for (const { name } of names) {
    if (keep.has(name)) continue;
    const { mtimeMs } = await stat(join(builds, name));
    if (Date.now() - mtimeMs < graceMs) continue;
    await rm(join(builds, name), { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

async function snapshot(root: string, service: string, folder: string): Promise<string> {
  const sources = await sourcesOf(service, folder, root);
  const digest = digestOf(sources);
  const target = join(stateOf(root).builds, `${service}-${digest}`);
  try {
    // Its age counts from its last use.
    await utimes(target, new Date(), new Date());
    return digest;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    await write(temporary, sources, { service: folder, common: join(root, 'common') });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another command made the very same build in the meantime.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
  return digest;
}

async function sourcesOf(service: string, folder: string, root: string): Promise<Source[]> {
  try {
    const sources = await filesBelow(folder, 'service');
    if (await dependsOnCommon(folder)) {
      const common = join(root, 'common');
      sources.push(
        await readSource(join(common, 'package.json'), 'common/package.json'),
        ...(await filesBelow(join(common, 'src'), 'common/src')),
      );
    }
    return sources.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (hasCode(error, 'ENOENT') && (await stat(folder).catch(() => null)) === null) {
      throw new TandemError([serviceFolderMissing(service, folder)]);
    }
    if (error instanceof Error) throw new TandemError([serviceFolderUnreadable(service, error.message)]);
    throw error;
  }
}

async function filesBelow(folder: string, name: string): Promise<Source[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => !isLeftOut(entry.name))
      .map(async (entry): Promise<Source[]> => {
        const path = join(folder, entry.name);
        const inBuild = `${name}/${entry.name}`;
        if (entry.isDirectory()) return filesBelow(path, inBuild);
        return [await readSource(path, inBuild)];
      }),
  );
  return found.flat();
}

/** A link counts as the file it leads to: the build must not change when that one does. */
async function readSource(path: string, name: string): Promise<Source> {
  const [content, { mode }] = await Promise.all([readFile(path), stat(path)]);
  return { name, content, program: (mode & 0o111) !== 0 };
}

async function dependsOnCommon(folder: string): Promise<boolean> {
  const text = await readIfPresent(join(folder, 'package.json'));
  if (text === null) return false;
  const manifest: unknown = JSON.parse(text);
  return (
    typeof manifest === 'object' &&
    manifest !== null &&
    'dependencies' in manifest &&
    typeof manifest.dependencies === 'object' &&
    manifest.dependencies !== null &&
    '@tandem/common' in manifest.dependencies
  );
}

function digestOf(sources: Source[]): string {
  const hash = createHash('sha256');
  for (const { name, content, program } of sources) {
    hash.update(`${name}\0${program ? 'x' : '-'}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}

async function write(
  build: string,
  sources: Source[],
  folders: { service: string; common: string },
): Promise<void> {
  await mkdir(join(build, 'service'), { recursive: true });
  for (const source of sources) {
    const path = join(build, source.name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, source.content, { mode: source.program ? 0o755 : 0o644 });
  }
  await linkPackages(folders.service, join(build, 'service'));
  if (sources.some((source) => source.name.startsWith('common/'))) {
    // Node strips no types below node_modules, but takes the real path of a link.
    await mkdir(join(build, 'node_modules/@tandem'), { recursive: true });
    await symlink('../../common', join(build, 'node_modules/@tandem/common'));
    await linkPackages(folders.common, join(build, 'common'));
  }
}

/** Packages that npm could not share with the other workspaces are beside this one only. */
async function linkPackages(folder: string, copy: string): Promise<void> {
  const packages = join(folder, 'node_modules');
  const own = (await entriesOf(packages)).filter((entry) => !entry.name.startsWith('.'));
  if (own.length > 0) await symlink(packages, join(copy, 'node_modules'));
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
