import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const main = resolve(import.meta.dirname, '../../src/main.ts');
const root = resolve(import.meta.dirname, '../../..');

/** Runs the CLI as a process; `pipe` is a shell line behind it. */
function tandem(
  words: string,
  pipe = '',
  env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const line = `"${process.execPath}" "${main}" ${words} ${pipe}`;
    const child = spawn('/bin/bash', ['-o', 'pipefail', '-c', line], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: Buffer) => {
      stdout += text;
    });
    child.stderr.on('data', (text: Buffer) => {
      stderr += text;
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

describe('the process', () => {
  test('--version is one line, and the same by both roads', async () => {
    const [quick, slow] = await Promise.all([tandem('--version'), tandem('--version --')]);
    expect(quick).toMatchObject({ code: 0, stderr: '' });
    expect(quick.stdout).toMatch(/^tandem \d+\.\d+\.\d+\n$/);
    expect(slow).toEqual(quick);
  });

  test('bad input ends with 2 and says so on standard error only', async () => {
    const { code, stdout, stderr } = await tandem('deplyo');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('did you mean "deploy"?');
  });

  test('a reader that goes away is no error', async () => {
    const { stdout, stderr } = await tandem('schema', '| head -c 5');
    expect([stdout.length, stderr]).toEqual([5, '']);
  });

  test('standard error that is closed is no error', async () => {
    expect((await tandem('deplyo', '2>&-')).code).toBe(2);
  });

  test('a full disk behind standard output is one', async () => {
    const { code, stderr } = await tandem('schema', '>/dev/full');
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write: ENOSPC/);
  });

  test.each(['--help', 'validate', 'routes --env staging', 'doctor'])(
    '%s works without a single environment variable, and with useless ones',
    async (words) => {
      for (const env of [
        {},
        { PATH: '/nowhere', HOME: '/nowhere', COLUMNS: '20', LINES: 'x', TERM: '', CI: 'maybe' },
      ]) {
        const { code, stdout, stderr } = await tandem(words, '', env);
        expect(stdout).not.toBe('');
        expect(stderr).not.toContain('TDM-599');
        // What is not installed is for the doctor to say.
        expect(words === 'doctor' ? [0, 1] : [0]).toContain(code);
      }
    },
  );
});
