import { spawn } from 'node:child_process';

/** Milliseconds that a function takes. */
export function timeCall(call: () => unknown): number {
  const startedAt = performance.now();
  call();
  return performance.now() - startedAt;
}

export interface ProcessOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Left out: it is not to be interrupted. */
  signal?: AbortSignal;
}

/**
 * Milliseconds from the start of a program until it has ended and its output is closed. Aborted, it is asked to end
 * (SIGTERM), and its end is waited for: what it leaves behind is whole.
 *
 * @throws Error when it does not end with exit code 0, with what it said; the signal's reason
 */
export function timeProcess(
  program: string,
  args: readonly string[],
  { cwd, env, signal }: ProcessOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const startedAt = performance.now();
    // A group of its own: Ctrl-C reaches it through us, once, and not through the terminal as well.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const end = () => child.kill('SIGTERM');
    signal?.addEventListener('abort', end, { once: true });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason);
      else if (code === 0) resolve(performance.now() - startedAt);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${said.trim()}`));
    });
  });
}
