import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, readIfPresent } from './files.ts';
import { allProcesses, type Identity, identify } from './processes.ts';
import type { State } from './state.ts';

/** The agents are started with this variable; every task inherits it from them. */
export const markVariable = 'TANDEM_STACK';

/**
 * Every process of the stack: agents, tasks, and what those started. A process is ours when it carries the
 * stack's mark in its environment; programs that overwrite theirs (nginx, redis) are known by their output, which
 * goes to a pipe in the folder of a Nomad allocation of ours, or by their control group, which is named after one.
 */
export async function ownedProcesses(state: State): Promise<Identity[]> {
  const allocations = await allocationsOf(state);
  const pids = (await allProcesses()).filter((pid) => pid !== process.pid);
  const owned = await Promise.all(
    pids.map(async (pid) => ((await isOurs(pid, state, allocations)) ? identify(pid) : null)),
  );
  return owned.filter((identity) => identity !== null);
}

async function isOurs(pid: number, state: State, allocations: ReadonlySet<string>): Promise<boolean> {
  try {
    return (
      (await isMarked(pid, state)) || (await writesToUs(pid, state)) || (await isInGroup(pid, allocations))
    );
  } catch (error) {
    // Another user's process, or one that has just ended.
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}

async function isMarked(pid: number, state: State): Promise<boolean> {
  const environment = await readIfPresent(`/proc/${pid}/environ`);
  return environment?.split('\0').includes(`${markVariable}=${state.folder}`) ?? false;
}

async function writesToUs(pid: number, state: State): Promise<boolean> {
  const pipes = join(allocationFolder(state), '/');
  for (const descriptor of [1, 2]) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`);
    if (target.startsWith(pipes) && target.includes('.fifo')) return true;
  }
  return false;
}

async function isInGroup(pid: number, allocations: ReadonlySet<string>): Promise<boolean> {
  const groups = await readIfPresent(`/proc/${pid}/cgroup`);
  const ids = groups?.matchAll(/[/]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\./g) ?? [];
  for (const [, id] of ids) {
    if (id !== undefined && allocations.has(id)) return true;
  }
  return false;
}

async function allocationsOf(state: State): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(allocationFolder(state)));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES')) return new Set();
    throw error;
  }
}

/** Where Nomad's client keeps the folders of its allocations. */
export function allocationFolder(state: State): string {
  return join(state.data, 'nomad-client', 'alloc');
}
