import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TandemError } from '../../language/diagnostic.ts';
import { benchNeedsThings } from '../../language/errors/local.ts';
import { cacheFolder } from '../../local/toolchain/cache.ts';
import { isProgram } from '../../local/toolchain/find.ts';
import { buildProgram, fetchModules, GoBuildFailed, goVersion } from '../../local/toolchain/go-build.ts';
import type { BenchContext } from '../bench.ts';

/** A folder of this user's cache that only benches use. */
export const benchCache = (env: NodeJS.ProcessEnv): string => join(cacheFolder(env), 'bench');

/**
 * A Go program, built once and kept by the digest of its recipe: its sources and the modules that go.sum pins.
 *
 * @param goPackage as `go build` names it
 * @returns its absolute path
 */
export async function goProgram(
  name: string,
  recipe: string,
  goPackage: string,
  { env, signal, say }: BenchContext,
): Promise<string> {
  const program = join(benchCache(env), `${name}-${await digestOf(recipe)}`, name);
  if (await isProgram(program)) return program;
  if ((await goVersion(env, signal)) === null) {
    throw new TandemError([benchNeedsThings(`Go to build ${name} with`, 'put Go 1.21 or newer on PATH')]);
  }
  const to = `${program}.part`;
  await mkdir(dirname(program), { recursive: true });
  const progress = (detail: string, fraction?: number | null) =>
    say(`${name}: ${detail}`, fraction ?? undefined);
  const build = { name, package: goPackage, recipe, to, env, signal, progress };
  try {
    await fetchModules(build);
    await buildProgram(build);
    await rename(to, program);
  } catch (error) {
    await rm(to, { force: true });
    signal.throwIfAborted();
    if (!(error instanceof GoBuildFailed)) throw error;
    throw new TandemError([
      benchNeedsThings(`${name}, and ${error.message}: ${error.output.at(-1) ?? ''}`, `see ${recipe}`),
    ]);
  }
  return program;
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).sort()) {
    hash.update(`${file}\0`);
    hash.update(await readFile(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 8);
}
