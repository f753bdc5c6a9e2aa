import type { Terminal } from '../../src/terminal/terminal.ts';

/** A wide terminal without colours that keeps what is printed. */
export function plainTerminal(width = 200, printed: string[] = []): Terminal {
  const style = (_: unknown, text: string) => text;
  return {
    interactive: false,
    tty: false,
    colour: false,
    unicode: true,
    width,
    print: (line = '') => printed.push(line),
    printError: (line = '') => printed.push(line),
    style,
    screen: { colour: false, width, height: 24, style, draw() {}, release() {} },
  };
}
