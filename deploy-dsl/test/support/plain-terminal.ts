import type { Terminal } from '../../src/terminal/terminal.ts';

export interface PlainTerminal extends Terminal {
  /** What was printed to standard output, and to standard error. */
  out: string[];
  err: string[];
}

/** A terminal that keeps what is printed: no colours, no redrawing, lines cut at the width as on a screen. */
export function plainTerminal({
  width = 120,
  tty = true,
}: {
  width?: number;
  tty?: boolean;
} = {}): PlainTerminal {
  const out: string[] = [];
  const err: string[] = [];
  const style = (_: unknown, text: string) => text;
  return {
    interactive: false,
    tty,
    colour: false,
    unicode: true,
    width,
    print: (line = '') => void out.push(line),
    printError: (line = '') => void err.push(line),
    style,
    screen: { colour: false, width, height: 40, style, draw: () => undefined, release: () => undefined },
    out,
    err,
  };
}
