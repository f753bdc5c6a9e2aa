import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfPresent } from './files.ts';

/** Held by this process; the kernel lets go of it when the process ends, however that happens. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes an exclusive lock (flock(2)) on a file.
 *
 * @returns the lock, or the number of the process that has it
 */
export async function tryLock(path: string): Promise<Lock | { heldBy: number | null }> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  if (!(await flock(file))) {
    await file.close();
    const pid = Number.parseInt((await readIfPresent(path)) ?? '', 10);
    return { heldBy: Number.isNaN(pid) ? null : pid };
  }
  await file.truncate(0);
  await file.write(`${process.pid}\n`);
  return { release: () => file.close() };
}

/** The same, waiting for as long as another process has it. */
export async function waitForLock(
  path: string,
  waiting: (heldBy: number | null) => void,
  signal: AbortSignal,
): Promise<Lock> {
  for (;;) {
    const result = await tryLock(path);
    if ('release' in result) return result;
    waiting(result.heldBy);
    await sleep(250, undefined, { signal });
  }
}

/**
 * Node has no flock. The lock belongs to the open file, which the program `flock` (util-linux, part of every
 * Debian) shares with us, so that it stays when that program has ended.
 */
async function flock(file: FileHandle): Promise<boolean> {
  const child = spawn('flock', ['--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', file.fd] });
  const [code] = await once(child, 'close');
  return code === 0;
}
