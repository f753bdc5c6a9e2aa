import { spawn } from 'node:child_process';

/** Milliseconds that a function takes. */
export function timeCall(call: () => unknown): number {
  const startedAt = performance.now();
  call();
  return performance.now() - startedAt;
}

/**
 * Milliseconds from the start of a program until it has ended and its output is closed.
 *
 * @throws Error when it does not end with exit code 0, with what it said
 */
export function timeProcess(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve(performance.now() - startedAt);
      } else {
        reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${said.trim()}`));
      }
    });
  });
}
