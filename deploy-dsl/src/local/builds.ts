import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Model } from '../language/model.ts';
import { type Building, runBuildScript, silentBuilding } from './build-script.ts';
import { digestOf, lazyCommon, readSources, type Source } from './build-sources.ts';
import { entriesOf, hasCode } from './files.ts';
import { stateOf } from './state.ts';

/** Builds younger than this are never pruned: another deploy may be about to name them. */
const graceMs = 10 * 60_000;

/**
 * Copies the folder of every service that runs from this working tree to `.tandem/builds/<service>-<digest>/`:
 * `service/`, and where the service depends on @tandem/common a copy of it in `common/` with a link to it in
 * node_modules. Content-addressed and never changed, so that an instance runs the code it was deployed with. A service
 * whose package.json has a script `build` is built in its copy.
 *
 * @param root the project; its node_modules hold the packages of every service
 * @param fileFolder folder of the YAML file, to which the services' folders are relative
 * @returns digest (12 hexadecimal digits) by name of the service; services with an image have none
 */
export async function snapshotBuilds(
  root: string,
  fileFolder: string,
  model: Model,
  building: Building = silentBuilding,
): Promise<Map<string, string>> {
  const services = Object.values(model.services).filter((service) => service.image === null);
  const readCommon = lazyCommon(root);
  const found = await Promise.all(
    services.map(async (service): Promise<[string, string]> => {
      const folder = resolve(fileFolder, service.directory);
      return [service.name, await snapshot(root, service.name, { folder, readCommon }, building)];
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

async function snapshot(
  root: string,
  service: string,
  { folder, readCommon }: { folder: string; readCommon: () => readonly Source[] },
  building: Building,
): Promise<string> {
  const sources = await readSources(service, folder, readCommon);
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
    await write(temporary, sources.files, { service: folder, common: join(root, 'common') });
    if (sources.isBuilt) await runBuildScript(service, join(temporary, 'service'), building);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another command made the very same build in the meantime.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
  return digest;
}

async function write(
  build: string,
  sources: Source[],
  folders: { service: string; common: string },
): Promise<void> {
  for (const folder of new Set(['service', ...sources.map(({ name }) => dirname(name))])) {
    mkdirSync(join(build, folder), { recursive: true });
  }
  // Like the reading: written without a promise for each of some hundred small files, in a third of the time.
  for (const { name, content, program } of sources) {
    writeFileSync(join(build, name), content, { mode: program ? 0o755 : 0o644 });
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
