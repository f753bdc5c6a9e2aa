import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTestFolder } from '../../src/checks/test-folder.ts';

const forEver = 'setInterval(() => {}, 1000); console.log("up")';

async function started(child: ChildProcess): Promise<number> {
  if (child.stdout !== null) await once(child.stdout, 'data');
  else await once(child, 'spawn');
  return child.pid ?? 0;
}

const isThere = (pid: number) => existsSync(`/proc/${pid}/exe`);

test('whatever a run has started is ended, however it hides, and nothing else is', async () => {
  const folder = await makeTestFolder();
  const inside = join(folder.path, 'a folder');
  await mkdir(inside);
  const node = (options: Parameters<typeof spawn>[2], ...args: string[]) =>
    spawn(process.execPath, ['-e', forEver, ...args], { stdio: ['ignore', 'pipe', 'ignore'], ...options });
  const children = [
    node({ env: { TMPDIR: folder.path } }),
    node({ env: {}, cwd: inside, detached: true }),
    node({ env: {} }, '--', join(inside, 'settings.json')),
  ];
  const stranger = node({ env: { TMPDIR: `${folder.path}-of-another` } });
  try {
    const pids = await Promise.all(children.map(started));
    await started(stranger);
    const ended = await folder.clear();
    expect(pids.filter(isThere)).toEqual([]);
    expect(isThere(stranger.pid ?? 0)).toBe(true);
    expect(ended).toHaveLength(3);
    expect(ended[0]).toContain('setInterval');
    expect(existsSync(folder.path)).toBe(false);
    expect(await folder.clear()).toEqual([]);
  } finally {
    for (const child of [...children, stranger]) child.kill('SIGKILL');
  }
});
