import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { restFigures } from '../../src/bench/rest.ts';
import { proportionalMB, type Usage, usageOf } from '../../src/bench/usage.ts';

const node = { program: '/bin/node', isService: true, residentMB: 100, ownMB: 40, cpuS: 1 };

test('copies of one program share its pages, so that the sum is what the stack takes', () => {
  const usages: Usage[] = [
    { ...node, pid: 1, part: 'auth' },
    { ...node, pid: 2, part: 'rooms' },
    { ...node, pid: 3, part: 'Redis', program: '/bin/redis-server', residentMB: 12, ownMB: 10 },
  ];
  expect([...proportionalMB(usages)]).toEqual([
    [1, 70],
    [2, 70],
    [3, 12],
  ]);
});

test('parts come with the largest first; CPU is what was used in between', () => {
  const before: Usage[] = [
    { ...node, pid: 1, part: 'auth' },
    { ...node, pid: 2, part: 'auth' },
    { ...node, pid: 3, part: 'nginx', program: '/bin/nginx', isService: false, residentMB: 500 },
  ];
  const after = before.map((usage) => (usage.pid === 3 ? usage : { ...usage, cpuS: 1.5 }));
  const shown = restFigures(before, after, 10).map(({ name, value, unit }) => `${name}: ${value} ${unit}`);
  expect(shown).toEqual([
    "largest instance of a service, with its share of Node's program: 70 MB",
    'the same, all that it has written: 40 MB',
    'the same, resident size: the whole program counted for each instance: 100 MB',
    'memory: everything: 640 MB',
    'memory: nginx: 500 MB',
    'memory: auth (2 processes): 140 MB',
    'CPU: everything: 10 % of a core',
    'CPU: auth (2 processes): 10 % of a core',
  ]);
});

test('a process is known by the job that it belongs to', async () => {
  const child = spawn(process.execPath, ['--eval', 'console.log(); setInterval(() => {}, 1000)'], {
    env: { ...process.env, NOMAD_JOB_NAME: 'auth' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = child.pid ?? 0;
  try {
    await once(child.stdout, 'data');
    const usage = await usageOf(pid, new Set(['auth']));
    expect(usage).toMatchObject({ pid, part: 'auth', isService: true });
    expect(usage?.ownMB).toBeGreaterThan(0);
    expect(usage?.residentMB).toBeGreaterThan(usage?.ownMB ?? Number.POSITIVE_INFINITY);
    expect(await usageOf(pid, new Set())).toMatchObject({ isService: false });
  } finally {
    child.kill();
    await once(child, 'exit');
  }
  expect(await usageOf(pid, new Set())).toBeNull();
});
