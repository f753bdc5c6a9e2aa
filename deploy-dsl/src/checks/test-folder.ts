import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode, readIfPresent } from '../local/files.ts';
import { allProcesses, commandOf, endProcesses, type Identity, identify } from '../local/processes.ts';
import { unmountBelow } from '../local/unmount.ts';

/** The folder for temporary files of one run of the tests. Whatever belongs to the run can be found by it. */
export interface TestFolder {
  path: string;
  /**
   * Ends what the run has left behind, however it ended, and removes the folder.
   * @returns command lines of the processes that were still there
   */
  clear(): Promise<string[]>;
}

export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'tandem-test-'));
  return {
    path,
    async clear() {
      const commands = await endProcessesOf(path);
      await unmountBelow(path);
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      return commands;
    },
  };
}

/**
 * Ends every process that belongs to a folder for temporary files: again and again, for what is killed may have started
 * something in the meantime.
 * @returns their command lines
 */
export async function endProcessesOf(folder: string): Promise<string[]> {
  const ended = new Map<number, string>();
  for (let round = 0; round < 10; round++) {
    const found = await processesOf(folder);
    if (found.length === 0) break;
    for (const identity of found) {
      ended.set(identity.pid, (await commandOf(identity.pid)) ?? String(identity.pid));
    }
    await endProcesses(found, 0);
  }
  return [...ended.values()];
}

async function processesOf(folder: string): Promise<Identity[]> {
  const pids = (await allProcesses()).filter((pid) => pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => ((await belongsTo(pid, folder)) ? identify(pid) : null)),
  );
  return found.filter((identity) => identity !== null);
}

/** Its environment, its command line, where it runs, or where its output goes says so. */
async function belongsTo(pid: number, folder: string): Promise<boolean> {
  const names = (text: string | null) => text?.includes(`${folder}/`) || text?.endsWith(folder) || false;
  try {
    const environment = (await readIfPresent(`/proc/${pid}/environ`))?.split('\0') ?? [];
    const own = `TMPDIR=${folder}`;
    if (environment.some((each) => each === own || each.startsWith(`${own}/`))) return true;
    if (names(await commandOf(pid))) return true;
    for (const link of ['cwd', 'fd/1', 'fd/2']) {
      if (names(await readlink(`/proc/${pid}/${link}`))) return true;
    }
    return false;
  } catch (error) {
    // Another user's process, or one that has just ended.
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}
