import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { hasCode } from '../files.ts';

export interface Run {
  command: string;
  args: string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Each line of standard output and error. */
  onLine?: (line: string) => void;
  /** Each line written to descriptor 3. */
  onStatus?: (line: string) => void;
  /** May be interrupted now; asked again until it may. Always, when left out. */
  interruptible?: () => boolean;
}

export interface Outcome {
  code: number | null;
  /** The last lines of its output. */
  tail: string[];
}

const tailLines = 15;

/**
 * Runs a program to its end and hands its output on line by line. It is in a process group of its own: a Ctrl-C
 * reaches it through the signal only, with everything it started.
 *
 * @throws the signal's reason, once the program has ended
 */
export async function runProgram(run: Run): Promise<Outcome> {
  run.signal.throwIfAborted();
  const tail: string[] = [];
  const child = spawn(run.command, run.args, {
    ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
    env: run.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, output, errors, status] = child.stdio;
  const keep = (line: string) => {
    if (line.trim() === '') return;
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
    run.onLine?.(line);
  };
  eachLine(output, keep);
  eachLine(errors, keep);
  eachLine(status, (line) => run.onStatus?.(line));

  const stop = stopOnAbort(child, run);
  try {
    const [code] = await once(child, 'close');
    run.signal.throwIfAborted();
    return { code: typeof code === 'number' ? code : null, tail };
  } finally {
    stop();
  }
}

/** @returns ends the watch */
function stopOnAbort(child: ChildProcess, run: Run): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    if (run.interruptible?.() === false) {
      timer = setTimeout(interrupt, 200);
      return;
    }
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  };
  run.signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    clearTimeout(timer);
    run.signal.removeEventListener('abort', interrupt);
  };
}

function eachLine(stream: unknown, onLine: (line: string) => void): void {
  if (isReadable(stream))
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'read' in stream;
}
