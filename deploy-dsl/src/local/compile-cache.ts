import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compileCacheFolder } from '../compile/assumptions.ts';
import { hasCode } from './files.ts';

/** A version of a service adds some hundred files of 4 KB on average. */
const mostFiles = 10_000;

/**
 * Removes what Node has cached of the services' code when it has become much: it never removes anything itself, and
 * most of it belongs to builds that are gone. The next instance that starts fills it again.
 *
 * @param jobs folder of the jobs' data
 */
export async function trimCompileCache(jobs: string, most = mostFiles): Promise<void> {
  const folder = join(jobs, compileCacheFolder);
  try {
    // One folder for each version and set of options of Node.
    const kinds = await readdir(folder);
    const files = await Promise.all(kinds.map(async (kind) => (await readdir(join(folder, kind))).length));
    if (files.reduce((sum, count) => sum + count, 0) <= most) return;
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    // Nobody has started yet; or an instance writes into it right now, and the next deploy will do.
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY')) throw error;
  }
}
