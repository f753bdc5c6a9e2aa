import type { Diagnostic, Label, Range } from '../diagnostic.ts';

/** Where a diagnostic points: the file as the user named it, and the place in it (null: the file as a whole). */
export interface Place {
  file: string;
  range: Range | null;
}

/** What one error says. Left out: nothing to say there. */
export interface Message {
  /** What is wrong, one line, no full stop, starting in lower case. */
  title: string;
  /** The place it points at; null or left out when no file is involved. */
  at?: Place | null | undefined;
  /** Written under the caret. */
  caption?: string | undefined;
  /** Further places of the same file that explain the first. */
  labels?: Label[] | undefined;
  /** Further lines quoted as they are: a program's own message, last log lines. */
  evidence?: string[] | undefined;
  /** What to do next, one sentence each. */
  help?: string[] | undefined;
}

/** One entry of the catalogue: called with its facts it makes the diagnostic. */
export interface ErrorKind<Facts extends unknown[] = never[]> {
  (...facts: Facts): Diagnostic;
  readonly code: string;
  readonly severity: Diagnostic['severity'];
  /** When it fires: a sentence of docs/errors.md. */
  readonly when: string;
}

/**
 * Declares an error of the catalogue. Only the files of this folder may call it, so that codes stay unique and
 * messages read alike:
 *
 *     export const portTaken = defineError(
 *       'TDM-410',
 *       'A port that `up` needs is held by another process.',
 *       (port: number, owner: string) => ({
 *         title: `port ${port} is taken by ${owner}`,
 *         help: ['stop that process, or shift all ports with --port-offset'],
 *       }),
 *     );
 *
 * @param code `TDM-` and three digits; stable for ever, never used again for something else
 * @param when when it fires, in a full sentence
 */
export function defineError<Facts extends unknown[]>(
  code: string,
  when: string,
  say: (...facts: Facts) => Message,
): ErrorKind<Facts> {
  return kind(code, 'error', when, say);
}

/** Declares a warning: the command goes on. */
export function defineWarning<Facts extends unknown[]>(
  code: string,
  when: string,
  say: (...facts: Facts) => Message,
): ErrorKind<Facts> {
  return kind(code, 'warning', when, say);
}

function kind<Facts extends unknown[]>(
  code: string,
  severity: Diagnostic['severity'],
  when: string,
  say: (...facts: Facts) => Message,
): ErrorKind<Facts> {
  const make = (...facts: Facts): Diagnostic => {
    const message = say(...facts);
    return {
      code,
      severity,
      title: message.title,
      file: message.at?.file ?? null,
      range: message.at?.range ?? null,
      caption: message.caption ?? null,
      labels: message.labels ?? [],
      evidence: message.evidence ?? [],
      help: message.help ?? [],
    };
  };
  return Object.assign(make, { code, severity, when });
}
