/** A place in a source file. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Range {
  start: Position;
  end: Position;
}

export interface Position {
  line: number;
  column: number;
}

/** A second place that explains the first, for instance "first used here". */
export interface Label {
  range: Range;
  text: string;
}

/**
 * One thing the user should know: what, where, why, what to do. Constructed only by the catalogue in
 * `errors/`, so that codes stay unique and every message reads alike.
 */
export interface Diagnostic {
  /** `TDM-` and three digits, stable across versions. */
  code: string;
  severity: 'error' | 'warning';
  /** What is wrong, one line, no full stop. */
  title: string;
  /** File as the user named it; null when no file is involved. */
  file: string | null;
  range: Range | null;
  /** Written under the caret. */
  caption: string | null;
  labels: Label[];
  /** Further lines quoted as they are: a failing instance's last log lines, a program's own message. */
  evidence: string[];
  /** What to do next, one sentence each. */
  help: string[];
}

/** The documented exit codes of the `tandem` command. */
export const exitCodes = { fine: 0, failed: 1, badInput: 2, changes: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command: the diagnostics are shown and the process exits with the code. */
export class TandemError extends Error {
  readonly diagnostics: Diagnostic[];
  readonly exitCode: ExitCode;

  constructor(diagnostics: Diagnostic[], exitCode: ExitCode = exitCodes.failed) {
    super(diagnostics.map((d) => `${d.code} ${d.title}`).join('\n'));
    this.name = 'TandemError';
    this.diagnostics = diagnostics;
    this.exitCode = exitCode;
  }
}
