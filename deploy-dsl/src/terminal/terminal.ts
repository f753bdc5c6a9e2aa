import type { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** What the output can show. Decided once, from the streams and the environment (NO_COLOR, CI, TERM, LANG). */
export interface Terminal {
  /** The screen can be redrawn; without it every event is a line of its own. */
  readonly interactive: boolean;
  /** Standard output is a terminal, where lines wider than `width` would be broken. */
  readonly tty: boolean;
  /** Standard output shows colours. */
  readonly colour: boolean;
  readonly unicode: boolean;
  /** Columns of standard output now, so that it follows a resize; 80 where unknown. */
  readonly width: number;
  /** Writes to standard output, a line. */
  print(line?: string): void;
  /** Writes to standard error, a line. */
  printError(line?: string): void;
  /** The text in this style where standard output shows colours, else unchanged. */
  style(style: Style, text: string): string;
  /** Standard error, where progress and errors are shown, so that they never mix with data. */
  readonly screen: Screen;
}

/**
 * Standard error as a place to draw. The lines drawn last stay below everything that is printed in the meantime;
 * `print` and `printError` of the terminal may be called at any time.
 */
export interface Screen {
  readonly colour: boolean;
  /** Columns and rows now; 80 and 24 where unknown. */
  readonly width: number;
  readonly height: number;
  style(style: Style, text: string): string;
  /** Replaces the lines drawn before. Only where the terminal is interactive; each line must fit the width. */
  draw(lines: readonly string[]): void;
  /** Leaves the lines drawn last where they are, and gives the cursor back. */
  release(): void;
}

/** Several things going on at once, each with a line of its own that is kept up to date. */
export interface Progress {
  step(title: string): Step;
  /** Draws a last time and leaves the cursor below. */
  close(): void;
}

/** One thing that takes a while. Elapsed time is shown by the progress itself. */
export interface Step {
  /**
   * What is going on now, and how far it is, 0 to 1; null where it moves on but nobody knows how far it is to go.
   * Without a screen to redraw, a detail that comes with a fraction or null is movement and printed only now and
   * then; one without is an event and printed.
   */
  update(detail: string, fraction?: number | null): void;
  /** Nothing goes on until the next update: the time until then is not counted as time that the step took. */
  wait(detail: string): void;
  done(detail?: string): void;
  fail(detail?: string): void;
  skip(detail?: string): void;
}
