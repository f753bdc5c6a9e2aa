import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { hasCode, readIfPresent } from '../files.ts';
import type { Tool } from './tools.ts';

const Manifest = Type.Object({
  version: Type.Optional(Type.String()),
  dependencies: Type.Optional(Type.Record(Type.String(), Type.String())),
});

/** What a service depends on that has a native program of its own. */
const dependency = 'mediasoup';

/** What the build needs of the distribution; names in Debian and Ubuntu. */
const packages = [
  ...['g++', 'make', 'perl', 'binutils', 'ninja-build', 'pkg-config', 'python3-pip'],
  ...['dpkg-dev', 'libuv1-dev', 'libabsl-dev', 'libflatbuffers-dev', 'flatbuffers-compiler'],
];

/**
 * The native programs that services bring along: mediasoup's worker, of the very version that is installed, where a
 * service depends on mediasoup; nothing otherwise.
 *
 * @param root with the recipe, in `toolchain/mediasoup-worker/`
 * @param directories of the services, absolute
 */
export async function nativeTools(root: string, directories: readonly string[]): Promise<Tool[]> {
  for (const directory of directories) {
    const manifest = await readManifest(join(directory, 'package.json'));
    if (manifest?.dependencies?.[dependency] === undefined) continue;
    const installed = installedIn(directory);
    const version = installed === null ? undefined : (await readManifest(installed))?.version;
    if (installed === null || version === undefined) continue;
    return [worker(dirname(installed), version, await digestOf(join(root, 'toolchain/mediasoup-worker')))];
  }
  return [];
}

function worker(packageFolder: string, version: string, recipe: string): Tool {
  return {
    name: 'mediasoup-worker',
    wanted: { atLeast: version },
    versionArgs: null,
    // Where mediasoup's own install step puts it, if npm was allowed to run that.
    folders: [join(packageFolder, 'worker/out/Release')],
    source: { kind: 'bundled', version, recipe, packageFolder, packages, buildMinutes: 8 },
  };
}

async function readManifest(path: string) {
  const text = await readIfPresent(path);
  if (text === null) return null;
  try {
    const manifest: unknown = JSON.parse(text);
    return Value.Check(Manifest, manifest) ? manifest : null;
  } catch {
    return null;
  }
}

/** The manifest of the package as Node would find it from there. */
function installedIn(directory: string): string | null {
  try {
    return findPackageJSON(dependency, pathToFileURL(join(directory, 'package.json'))) ?? null;
  } catch (error) {
    if (hasCode(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND')) return null;
    throw error;
  }
}

/** A build by another recipe is another program. */
async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files.sort()) {
    hash.update(`${relative(folder, file)}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 8);
}
