import type { DestinationStream } from 'pino';

/** Collects what a service logs, line by line. */
export interface LogLines extends DestinationStream {
  readonly lines: Record<string, unknown>[];
  readonly text: string;
}

export function collectLog(): LogLines {
  const written: string[] = [];
  return {
    write: (line) => written.push(line),
    get lines() {
      return written.map((line) => JSON.parse(line));
    },
    get text() {
      return written.join('');
    },
  };
}
