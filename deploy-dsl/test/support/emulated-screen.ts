/**
 * What a terminal shows after this output: the few control sequences that Tandem writes, and an error for any
 * other. Lines that are too long are not wrapped but reported, for they would break every redraw.
 */
export function emulatedScreen(output: string, columns: number): { lines: string[]; cursorVisible: boolean } {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  let cursorVisible = true;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this reads
  for (const [token, sequence] of output.matchAll(/\x1b\[([?\d;]*[A-Za-z])|[\s\S]/g)) {
    if (token === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= '';
    } else if (token === '\r') {
      column = 0;
    } else if (sequence === undefined) {
      const line = lines[row] ?? '';
      lines[row] = line.padEnd(column).slice(0, column) + token + line.slice(column + 1);
      column += 1;
      if (column > columns) {
        throw new Error(`line ${row} is wider than ${columns}: ${lines[row]}`);
      }
    } else if (sequence === 'K') {
      lines[row] = (lines[row] ?? '').slice(0, column);
    } else if (sequence === 'J') {
      lines[row] = (lines[row] ?? '').slice(0, column);
      lines.length = row + 1;
    } else if (sequence.endsWith('A')) {
      row -= Number.parseInt(sequence, 10);
      if (row < 0) {
        throw new Error('the cursor left the screen');
      }
    } else if (sequence === '?25l' || sequence === '?25h') {
      cursorVisible = sequence === '?25h';
    } else if (!sequence.startsWith('?2026') && !sequence.endsWith('m')) {
      throw new Error(`unknown control sequence ${JSON.stringify(token)}`);
    }
  }
  return { lines: lines.map((line) => line.trimEnd()), cursorVisible };
}
