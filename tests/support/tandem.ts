import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Resolves when the process has ended and its output is complete. */
  ended: Promise<Ended>;
  /** Resolves as soon as the output so far matches; rejects if the process ends before. */
  says(pattern: RegExp): Promise<void>;
}

/** Starts the real command, as an operator types it, without a terminal. */
export function start(...args: string[]): Running {
  const child = spawn(`${root}/tandem`, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end();
  return watch(child);
}

/** Runs the command to its end; `input` goes to its standard input. */
export async function tandem(args: string[], input = ''): Promise<Ended> {
  const child = spawn(`${root}/tandem`, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  return watch(child).ended;
}

/** Runs a command that prints JSON, and fails with its error output where it does not succeed. */
export async function tandemJson<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await tandem([...args, '--json']);
  if (code !== 0 && code !== 3)
    throw new Error(`tandem ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  return JSON.parse(stdout) as T;
}

function watch(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const heard = () => {
    for (const check of waiting) check();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    child,
    ended,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!pattern.test(stdout + stderr)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${stdout}${stderr}`)), reject);
        check();
      });
    },
  };
}

interface StackFile {
  edge: string;
  nomad: string;
  consul: string;
  /** `management` is the address of its API. */
  rabbitmq: { management: string; user: string; password: string };
}

/** Addresses of the stack that `./tandem up` runs, from its state file. */
export function stack(): StackFile {
  return JSON.parse(readFileSync(`${root}/.tandem/stack.json`, 'utf8')) as StackFile;
}
