import { readFile } from 'node:fs/promises';
import { runProgram } from './toolchain/run-program.ts';

/** As root, Nomad mounts a small file system in memory for the secrets of every instance, and leaves it. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    // Blanks are written as \040.
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(`${folder}/`));
  if (mounts.length === 0) return;
  await runProgram({
    command: 'umount',
    args: mounts.toReversed(),
    env: process.env,
    signal: new AbortController().signal,
  });
}
