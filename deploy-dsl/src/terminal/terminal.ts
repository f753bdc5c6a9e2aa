import type { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What the output can show. Decided once, from the streams and the environment (NO_COLOR, CI, TERM, LANG). */
export interface Terminal {
  /** The screen can be redrawn; without it every event is a line of its own. */
  interactive: boolean;
  colour: boolean;
  unicode: boolean;
  /** Columns; 80 where unknown. */
  width: number;
  /** Writes to standard output, a line. */
  print(line?: string): void;
  /** Writes to standard error, a line. */
  printError(line?: string): void;
  /** The text in this style where colours are shown, else unchanged. */
  style(style: Style, text: string): string;
}

/** Several things going on at once, each with a line of its own that is kept up to date. */
export interface Progress {
  step(title: string): Step;
  /** Draws a last time and leaves the cursor below. */
  close(): void;
}

/** One thing that takes a while. Elapsed time is shown by the progress itself. */
export interface Step {
  /** What is going on now, and how far it is, 0 to 1, where that is known. */
  update(detail: string, fraction?: number): void;
  done(detail?: string): void;
  fail(detail?: string): void;
  skip(detail?: string): void;
}
