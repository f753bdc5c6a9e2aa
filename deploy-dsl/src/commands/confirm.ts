import { createInterface } from 'node:readline/promises';
import type { Context } from './command.ts';

/** True where there is somebody to ask. */
export function canAsk({ terminal }: Context): boolean {
  return terminal.interactive && process.stdin.isTTY;
}

/** Asks on the terminal. Anything but `y` or `yes` is no; Ctrl-C rejects with the signal's reason. */
export async function confirm({ signal }: Context, question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    // Readline takes Ctrl-C for itself: it means here what it means everywhere else.
    if (!signal.aborted && error instanceof Error && error.name === 'AbortError') {
      process.emit('SIGINT', 'SIGINT');
    }
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
