import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runNode } from '../../src/checks/run-node.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-run-node-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function script(text: string): Promise<string> {
  const file = join(folder, `${text.length}.mjs`);
  await writeFile(file, text);
  return file;
}

const surroundings = () => ({ cwd: folder, env: process.env, signal: new AbortController().signal });

test('collects both streams, hands lines on as they come, and gives the exit code back', async () => {
  const lines: string[] = [];
  const file = await script(
    'process.stdout.write("one\\ntw"); process.stdout.write("o\\n"); console.error(process.argv[2]); process.exitCode = 3;',
  );
  const { code, output } = await runNode(file, ['three'], {
    ...surroundings(),
    onLine: (line) => lines.push(line),
  });
  expect(code).toBe(3);
  expect(lines.toSorted()).toEqual(['one', 'three', 'two']);
  expect(output.length).toBe('one\ntwo\nthree\n'.length);
});

test('an abort ends the program before the promise rejects with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let pid = 0;
  const file = await script('console.log(process.pid); setInterval(() => undefined, 1000);');
  const onLine = (line: string) => {
    pid = Number(line);
    controller.abort(reason);
  };
  await expect(runNode(file, [], { ...surroundings(), signal: controller.signal, onLine })).rejects.toBe(
    reason,
  );
  expect(pid).toBeGreaterThan(0);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a program that hangs is killed, and whoever it left with its streams is not waited for', async () => {
  const file = await script(
    `import { spawn } from 'node:child_process';
    const { pid } = spawn('sleep', ['60'], { stdio: 'inherit' });
    console.log(pid);
    setInterval(() => undefined, 1000);`,
  );
  const lines: string[] = [];
  const { code, output } = await runNode(file, [], {
    ...surroundings(),
    silentMs: 2_000,
    onLine: (line) => lines.push(line),
  });
  process.kill(Number(lines[0]));
  expect(code).toBeNull();
  expect(output).toContain('killed: it has said nothing for 2');
});
