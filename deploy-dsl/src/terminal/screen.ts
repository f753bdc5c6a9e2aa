import type { Output } from './create.ts';
import type { Screen, Style } from './terminal.ts';
import { widthOf } from './text.ts';

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** Terminals that know synchronized output show the lines between these at once; the others ignore them. */
const beginFrame = '\x1b[?2026h';
const endFrame = '\x1b[?2026l';
const clearToEndOfLine = '\x1b[K';
const clearBelow = '\x1b[J';

export interface OwnedScreen extends Screen {
  /** Runs something that prints, with the drawn lines out of the way, and puts them back below it. */
  above(print: () => void): void;
}

/** A terminal that does not know its size (a serial line, a bare pseudo-terminal) says 0. */
export const columnsOf = ({ columns }: Output): number => columns || 80;

/** A screen on this stream; see `Screen` for what it promises. A frame is one write, so nothing flickers. */
export function createScreen(
  stream: Output,
  {
    interactive,
    style,
  }: { interactive: boolean; style: { colour: boolean; apply(s: Style, t: string): string } },
): OwnedScreen {
  let drawn: readonly string[] = [];
  let cursorHidden = false;

  const upToFirstLine = () => {
    // A window made narrower since has broken the lines that no longer fit.
    const columns = columnsOf(stream);
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    return rows > 0 ? `\x1b[${rows}A\r` : '';
  };
  const frame = (lines: readonly string[]) => lines.map((line) => `${line}${clearToEndOfLine}\n`).join('');

  return {
    colour: style.colour,
    get width() {
      return columnsOf(stream);
    },
    get height() {
      return stream.rows || 24;
    },
    style: style.apply,
    draw(lines) {
      if (!interactive) {
        return;
      }
      const hide = cursorHidden ? '' : hideCursor;
      cursorHidden = true;
      stream.write(`${beginFrame}${hide}${upToFirstLine()}${frame(lines)}${clearBelow}${endFrame}`);
      drawn = lines;
    },
    release() {
      drawn = [];
      if (cursorHidden) {
        cursorHidden = false;
        stream.write(showCursor);
      }
    },
    above(print) {
      if (drawn.length === 0) {
        print();
        return;
      }
      stream.write(`${upToFirstLine()}${clearBelow}`);
      print();
      stream.write(frame(drawn));
    },
  };
}
