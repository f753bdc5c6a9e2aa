import { spawn } from 'node:child_process';
import { formatDuration } from '../terminal/duration.ts';

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
    /** Whoever says nothing for so long hangs, and is killed, in ms; its output ends with these words. */
    silentMs?: number;
  },
): Promise<Ran> {
  const { cwd, env, signal, onLine, killed = false, silentMs } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let hung = false;
    const hangs =
      silentMs === undefined
        ? null
        : setTimeout(() => {
            hung = true;
            output += `\nkilled: it has said nothing for ${formatDuration(silentMs)}\n`;
            child.kill('SIGKILL');
          }, silentMs);
    const collect = (stream: NodeJS.ReadableStream) => {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        hangs?.refresh();
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
      clearTimeout(hangs ?? undefined);
      if (signal.aborted) reject(signal.reason);
      else if (hung) resolve({ code: null, output });
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
