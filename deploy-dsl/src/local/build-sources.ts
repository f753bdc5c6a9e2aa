import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { TandemError } from '../language/diagnostic.ts';
import { serviceFolderMissing, serviceFolderUnreadable } from '../language/errors/local.ts';
import { hasCode, readIfPresent } from './files.ts';

/** A file of a build. Read once, so that what is written is what the digest was made of. */
export interface Source {
  /** Relative to the build, with slashes. */
  name: string;
  content: Buffer;
  /** May be executed. */
  program: boolean;
}

/** What a service runs from. */
export interface Sources {
  files: Source[];
  /** Its package.json has a script `build`, which makes the rest in `dist/`. */
  isBuilt: boolean;
}

/** The part of a package.json that says how a service is put together. */
const manifestSchema = Type.Object({
  dependencies: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  scripts: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

/** Where the script `build` leaves what it makes, relative to the service. */
export const builtFolder = 'dist';

/** Not part of what runs: packages, tests, what git and editors keep. */
const leftOut = new Set(['node_modules', 'test', 'tests', 'coverage']);
const isLeftOut = (name: string) =>
  leftOut.has(name) || name.startsWith('.') || /\.test\.[cm]?[jt]sx?$/.test(name);

/**
 * Everything that a service is made of: its folder as `service/`, and `common/` where it depends on @tandem/common. What a
 * build made in the working tree is left out: builds make their own.
 *
 * @param readCommon the files of `common/`, which all services share
 * @throws TandemError for a folder that is not there or cannot be read
 */
export async function readSources(
  service: string,
  folder: string,
  readCommon: () => readonly Source[],
): Promise<Sources> {
  try {
    const { dependencies = {}, scripts = {} } = await readManifest(folder);
    const isBuilt = 'build' in scripts;
    const files = filesBelow(folder, 'service', isBuilt ? new Set([builtFolder]) : new Set());
    if ('@tandem/common' in dependencies) files.push(...readCommon());
    return { files: files.sort((a, b) => (a.name < b.name ? -1 : 1)), isBuilt };
  } catch (error) {
    if (hasCode(error, 'ENOENT') && (await stat(folder).catch(() => null)) === null) {
      throw new TandemError([serviceFolderMissing(service, folder)]);
    }
    if (error instanceof Error) throw new TandemError([serviceFolderUnreadable(service, error.message)]);
    throw error;
  }
}

/** The files of the project's `common/`, read when they are first asked for. */
export function lazyCommon(root: string): () => readonly Source[] {
  const common = join(root, 'common');
  let files: Source[] | null = null;
  return () => {
    files ??= [
      readSource(join(common, 'package.json'), 'common/package.json'),
      ...filesBelow(join(common, 'src'), 'common/src'),
    ];
    return files;
  };
}

/** @returns 12 hexadecimal digits */
export function digestOf({ files }: Sources): string {
  const hash = createHash('sha256');
  for (const { name, content, program } of files) {
    hash.update(`${name}\0${program ? 'x' : '-'}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Some hundred small files are read in a tenth of the time when nothing is promised for each of them. */
function filesBelow(folder: string, name: string, without: ReadonlySet<string> = new Set()): Source[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !isLeftOut(entry.name) && !without.has(entry.name))
    .flatMap((entry): Source[] => {
      const path = join(folder, entry.name);
      const inBuild = `${name}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path, inBuild) : [readSource(path, inBuild)];
    });
}

/** A link counts as the file it leads to: the build must not change when that one does. */
function readSource(path: string, name: string): Source {
  return { name, content: readFileSync(path), program: (statSync(path).mode & 0o111) !== 0 };
}

async function readManifest(folder: string): Promise<Type.Static<typeof manifestSchema>> {
  const text = await readIfPresent(join(folder, 'package.json'));
  if (text === null) return {};
  const manifest: unknown = JSON.parse(text);
  return Value.Check(manifestSchema, manifest) ? manifest : {};
}
