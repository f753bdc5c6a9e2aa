import { createTerminal } from '../../src/terminal/create.ts';
import type { Terminal } from '../../src/terminal/terminal.ts';

export interface Captured {
  terminal: Terminal;
  stdout(): string;
  stderr(): string;
  /** The window has this many columns from now on. */
  resize(columns: number): void;
}

/** A real terminal object on streams that only collect; without options it is a pipe with nothing set. */
export function captureTerminal(
  options: { tty?: boolean; columns?: number; rows?: number; env?: NodeJS.ProcessEnv } = {},
): Captured {
  const { tty = false, rows, env = {} } = options;
  let { columns } = options;
  const stream = () => {
    let text = '';
    return {
      isTTY: tty,
      get columns() {
        return columns;
      },
      rows,
      write(chunk: string) {
        text += chunk;
      },
      text: () => text,
    };
  };
  const stdout = stream();
  const stderr = stream();
  return {
    terminal: createTerminal(stdout, stderr, env),
    stdout: stdout.text,
    stderr: stderr.text,
    resize(to) {
      columns = to;
    },
  };
}
