import { spawn } from 'node:child_process';

export interface Ran {
  /** Null when a signal ended it. */
  code: number | null;
  /** Both streams, in the order in which they came. */
  output: string;
}

/** Longer output keeps its end, where the failures are. */
const longestOutput = 2_000_000;

/**
 * Runs a JavaScript program under the Node that runs us, without standard input, and collects its output. An abort ends
 * the program, and the promise rejects with the signal's reason.
 *
 * @param script absolute path
 * @param onLine called with every line, as it comes
 */
export function runNode(
  script: string,
  args: readonly string[],
  options: {
    cwd: string;
    env: NodeJS.ProcessEnv;
    signal: AbortSignal;
    onLine?: (line: string) => void;
    /** An abort kills it: nothing is lost with it, and asking could take as long as what it is doing. */
    killed?: boolean;
  },
): Promise<Ran> {
  const { cwd, env, signal, onLine, killed = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (stream: NodeJS.ReadableStream) => {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output = (output + text).slice(-longestOutput);
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          onLine?.(line);
        }
      });
    };
    collect(child.stdout);
    collect(child.stderr);
    const stop = () => child.kill(killed ? 'SIGKILL' : 'SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', reject);
    // Whoever else holds its streams is not waited for.
    child.on('exit', () => {
      if (signal.aborted) reject(signal.reason);
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) {
        reject(signal.reason);
      } else {
        resolve({ code, output });
      }
    });
    if (signal.aborted) {
      stop();
    }
  });
}
