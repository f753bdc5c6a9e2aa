import type { TargetCloud } from '../cluster/target.ts';
import { type LogFilter, passes } from './log-filter.ts';
import { type LogLine, readLine } from './log-line.ts';
import type { LogSource, SourceOptions } from './log-source.ts';
import { openLog } from './log-stream.ts';

/** A line to be shown. */
export interface LogEntry {
  line: LogLine;
  /** Its own time, or that of the line before it in the same log: a stack trace stays with its error. */
  time: number;
  source: LogSource;
}

export interface LogRequest extends SourceOptions {
  clouds: readonly TargetCloud[];
  /** Jobs in Nomad. */
  jobs: readonly string[];
  filter: LogFilter;
  /** How many of the last lines. */
  lines: number;
  signal: AbortSignal;
}

/** Read at first of each log; more when that does not hold enough lines. */
export const firstBytes = 256 * 1024;

/** Newest instances of a job whose logs are read, ended ones included. */
export const instancesPerJob = 20;

/** The last lines of one log that pass; reads back as far as it must. */
export async function lastOf(source: LogSource, request: LogRequest): Promise<LogEntry[]> {
  const { filter, lines, signal } = request;
  for (let bytes = Math.max(firstBytes, lines * 512); ; bytes *= 8) {
    const { whole, pieces } = await openLog(source, { bytes, follow: false, signal });
    const reader = new EntryReader(source, filter);
    const found: LogEntry[] = [];
    for await (const piece of pieces) {
      const entry = piece.kind === 'line' ? reader.read(piece.text) : null;
      if (entry !== null) found.push(entry);
      if (found.length > 2 * lines) found.splice(0, lines);
    }
    const reachesBack =
      filter.since !== null && (reader.firstTime ?? Number.POSITIVE_INFINITY) < filter.since;
    if (whole || found.length >= lines || reachesBack) return found.slice(-lines);
  }
}

/** Gives lines of a log their time, and leaves out those that do not pass. */
export class EntryReader {
  readonly #source: LogSource;
  readonly #filter: LogFilter;
  #time: number;
  /** Of the first line that says one. */
  firstTime: number | null = null;

  constructor(source: LogSource, filter: LogFilter) {
    this.#source = source;
    this.#filter = filter;
    this.#time = source.since;
  }

  read(text: string): LogEntry | null {
    if (text === '') return null;
    const line = readLine(text);
    if (line.time !== null) {
      this.#time = line.time;
      this.firstTime ??= line.time;
    }
    const time = this.#time;
    return passes(this.#filter, line, time, this.#source.stream)
      ? { line, time, source: this.#source }
      : null;
  }
}

/** By time; lines of the same moment as they came. */
export function inOrder(entries: LogEntry[]): LogEntry[] {
  return entries.toSorted((a, b) => a.time - b.time);
}
