import type { Position, Range } from './diagnostic.ts';
import type { Place } from './errors/define.ts';

/** A text with its file name: turns offsets into lines and columns. */
export class SourceText {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
  #lineStarts: number[] | null = null;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** The place between two offsets; `end` is exclusive. */
  place(start: number, end: number): Place {
    return { file: this.file, range: this.range(start, end) };
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(Math.max(start, end)) };
  }

  /** Line and column of an offset, both from 1; beyond the end it is the end. */
  position(offset: number): Position {
    const lineStarts = this.#starts();
    const wanted = Math.min(Math.max(offset, 0), this.text.length);
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= wanted) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return { line: low + 1, column: wanted - (lineStarts[low] ?? 0) + 1 };
  }

  #starts(): number[] {
    if (this.#lineStarts === null) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) {
        this.#lineStarts.push(at + 1);
      }
    }
    return this.#lineStarts;
  }
}
