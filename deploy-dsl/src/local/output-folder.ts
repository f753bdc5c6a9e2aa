import { lstat, mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { type Diagnostic, exitCodes, TandemError } from '../language/diagnostic.ts';
import { outputNotAFolder, outputNotOurs, outputNotWritable } from '../language/errors/usage.ts';
import { hasCode, readIfPresent, writeAtomically } from './files.ts';

/** What happened to the files of a folder, by path relative to it, each list sorted. */
export interface Output {
  added: string[];
  changed: string[];
  same: string[];
  removed: string[];
}

/** The list of what `compile` wrote into a folder. It alone says which files may be replaced and removed. */
export const manifestName = 'compiled.json';

/** Relative, with slashes, and never out of the folder. */
const Path = Type.String({ pattern: '^(?!\\.\\.?(/|$))[^/\\\\\\0]+(/(?!\\.\\.?(/|$))[^/\\\\\\0]+)*$' });
const Manifest = Type.Object({
  writtenBy: Type.Literal('tandem compile'),
  environment: Type.String(),
  files: Type.Array(Path),
});

/**
 * Makes a folder hold exactly these files of ours, beside whatever others keep in it: files that an earlier call wrote
 * and that are no longer wanted are removed, files that are as wanted are not touched, and nobody else's is.
 *
 * @throws TandemError (bad input) when the folder cannot be written, or a file of somebody else is in the way; then
 *   nothing was changed
 */
export async function writeOutput(
  folder: string,
  environment: string,
  files: ReadonlyMap<string, string>,
): Promise<Output> {
  try {
    const before = await readManifest(folder);
    const output = await compare(folder, before, files);
    await makeFolder(folder);
    const wanted = [...files.keys()].sort();
    const manifest = (paths: string[]) =>
      writeManifest(folder, { writtenBy: 'tandem compile', environment, files: paths });
    // Before the first file, so that nothing of ours is ever taken for somebody else's, whatever interrupts this.
    if (output.added.length > 0) await manifest([...new Set([...before, ...wanted])].sort());
    for (const path of [...output.added, ...output.changed]) {
      await writeAtomically(join(folder, path), files.get(path) ?? '');
    }
    for (const path of output.removed) await removeFile(folder, path);
    await manifest(wanted);
    return output;
  } catch (error) {
    throw asBadInput(error, folder);
  }
}

/** Paths of what was written before; none where the folder is new. */
async function readManifest(folder: string): Promise<string[]> {
  const text = await readIfPresent(join(folder, manifestName));
  if (text === null) return [];
  const manifest = parsed(text);
  if (!Value.Check(Manifest, manifest)) throw badInput(outputNotOurs(folder, [manifestName]));
  return manifest.files;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function writeManifest(folder: string, manifest: Type.Static<typeof Manifest>): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const path = join(folder, manifestName);
  if ((await readIfPresent(path)) !== text) await writeAtomically(path, text);
}

async function compare(
  folder: string,
  before: string[],
  files: ReadonlyMap<string, string>,
): Promise<Output> {
  const ours = new Set(before);
  const output: Output = { added: [], changed: [], same: [], removed: [] };
  const foreign = new Set<string>();
  for (const path of [...files.keys()].sort()) {
    const obstacle = await obstacleOf(folder, path);
    const text = obstacle === null ? await readIfPresent(join(folder, path)) : null;
    if (obstacle !== null) foreign.add(obstacle);
    else if (text === null) output.added.push(path);
    else if (text === files.get(path)) output.same.push(path);
    else if (ours.has(path)) output.changed.push(path);
    else foreign.add(path);
  }
  if (foreign.size > 0) throw badInput(outputNotOurs(folder, [...foreign]));
  for (const path of before.filter((path) => !files.has(path)).sort()) {
    const isThere =
      (await obstacleOf(folder, path)) === null && (await kindOf(join(folder, path))) === 'file';
    if (isThere) output.removed.push(path);
  }
  return output;
}

/** What of a path is neither a folder on the way nor a file at its end: a link could lead out of the folder. */
async function obstacleOf(folder: string, path: string): Promise<string | null> {
  const steps = path.split('/');
  for (const [index] of steps.entries()) {
    const part = steps.slice(0, index + 1).join('/');
    const kind = await kindOf(join(folder, part));
    if (kind === null) return null;
    if (kind !== (index === steps.length - 1 ? 'file' : 'folder')) return part;
  }
  return null;
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | null> {
  try {
    const entry = await lstat(path);
    if (entry.isFile()) return 'file';
    return entry.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Step by step: Node's own recursive mkdir never ends where the system forbids a folder by saying "no such file". */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(folder)).isDirectory()) return;
    if (!hasCode(error, 'ENOENT') || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder);
  }
}

/** With the folders that become empty by it, but never the output folder itself. */
async function removeFile(folder: string, path: string): Promise<void> {
  await rm(join(folder, path));
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    try {
      await rmdir(join(folder, parent));
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return;
      throw error;
    }
  }
}

const badInput = (diagnostic: Diagnostic) => new TandemError([diagnostic], exitCodes.badInput);

/** An error of the file system is about the folder that the user named. */
function asBadInput(error: unknown, folder: string): unknown {
  if (error instanceof TandemError || !(error instanceof Error) || !('syscall' in error)) return error;
  return hasCode(error, 'ENOTDIR', 'EEXIST')
    ? badInput(outputNotAFolder(folder))
    : badInput(outputNotWritable(folder, error.message));
}
