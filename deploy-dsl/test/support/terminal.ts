import { createTerminal } from '../../src/terminal/create.ts';
import type { Terminal } from '../../src/terminal/terminal.ts';

export interface Captured {
  terminal: Terminal;
  stdout(): string;
  stderr(): string;
}

/** A real terminal object on streams that only collect; without options it is a pipe with nothing set. */
export function captureTerminal(
  options: { tty?: boolean; columns?: number; rows?: number; env?: NodeJS.ProcessEnv } = {},
): Captured {
  const { tty = false, columns, rows, env = {} } = options;
  const stream = () => {
    let text = '';
    return {
      isTTY: tty,
      ...(columns === undefined ? {} : { columns }),
      ...(rows === undefined ? {} : { rows }),
      write(chunk: string) {
        text += chunk;
      },
      text: () => text,
    };
  };
  const stdout = stream();
  const stderr = stream();
  return { terminal: createTerminal(stdout, stderr, env), stdout: stdout.text, stderr: stderr.text };
}
