import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { badPattern, badTime } from '../language/errors/service.ts';
import { type Level, type LogLine, levels } from './log-line.ts';
import type { LogSource } from './log-source.ts';

export interface LogFilter {
  /** At least this severe. */
  level: Level | null;
  grep: RegExp | null;
  /** Id of a request, as it stands anywhere in the line. */
  request: string | null;
  /** Milliseconds since 1970. */
  since: number | null;
}

/** True where a line passes; its time is the one that it was given, be it its own or its neighbour's. */
export function passes(filter: LogFilter, line: LogLine, time: number, stream: LogSource['stream']): boolean {
  if (filter.since !== null && time < filter.since) return false;
  if (filter.level !== null) {
    // What is no JSON says no level: a crash writes to stderr, a banner to stdout.
    const level = line.level ?? (stream === 'stderr' ? 'error' : 'info');
    if (levels[level] < levels[filter.level]) return false;
  }
  if (filter.request !== null && !hasWord(line.raw, filter.request)) return false;
  return filter.grep === null || filter.grep.test(line.raw);
}

/** True for a filter that leaves lines out, so that more must be read than is shown. */
export function isSelective({ level, grep, request }: LogFilter): boolean {
  return level !== null || grep !== null || request !== null;
}

/**
 * `text`: anywhere in the line, upper and lower case the same unless the text has upper case; `/re/` and `/re/i`: a regular
 * expression.
 *
 * @throws TandemError (exit 2)
 */
export function parsePattern(text: string): RegExp {
  const [, source, flags = ''] = /^\/(.+)\/([iu]*)$/s.exec(text) ?? [];
  if (source === undefined) {
    return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), /\p{Lu}/u.test(text) ? '' : 'i');
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TandemError([badPattern(text, reason)], exitCodes.badInput);
  }
}

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `10m`, `2h`, `1d` ago; `14:05` of today (of yesterday when that is still to come); `2026-11-21T14:05:00Z`.
 *
 * @param now milliseconds since 1970
 * @throws TandemError (exit 2)
 */
export function parseSince(text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,6}(?:\.\d+)?)\s*([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (units[unit] ?? 0);
  const [, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hours !== undefined) {
    const date = new Date(now);
    date.setHours(Number(hours), Number(minutes), Number(seconds), 0);
    return date.getTime() <= now ? date.getTime() : date.getTime() - (units.d ?? 0);
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new TandemError([badTime(text)], exitCodes.badInput);
  return time;
}

/** So that `req-1` is not found in `req-12`. */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const isPart = (char: string | undefined) => char !== undefined && /[\w-]/.test(char);
    if (!isPart(text[at - 1]) && !isPart(text[at + word.length])) return true;
  }
  return false;
}
