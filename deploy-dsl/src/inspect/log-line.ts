/** Severity as pino counts it: 10 trace … 60 fatal. */
export const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
export type Level = keyof typeof levels;

/** One line of a log, taken apart. */
export interface LogLine {
  /** Without control characters that could move the cursor or change colours. */
  raw: string;
  /** Milliseconds since 1970; null when the line does not say. */
  time: number | null;
  level: Level | null;
  /** The message; of a line that is not JSON the line itself. */
  message: string;
  /** Everything else, in the line's order, nested keys joined by dots: `req.method`. */
  fields: [key: string, value: string][];
  /** The line as an object, for --json; null when it is not JSON. */
  json: Record<string, unknown> | null;
}

/** Every line of a service has them; they say nothing beside the instance that is shown anyway. */
const everywhere = new Set([
  ...['level', 'time', 'msg', 'message', 'pid', 'hostname', 'v', 'name', 'service', 'version'],
  ...['environment', 'cloud', 'allocation', 'alloc', 'node'],
]);
const longest = 64 * 1024;

/** Reads a line of a log: JSON as pino and nginx write it, or anything else. */
export function readLine(text: string): LogLine {
  const raw = printable(text.length > longest ? `${text.slice(0, longest)} … (cut)` : text);
  const json = parse(text);
  if (json === null) return { raw, time: null, level: null, message: raw, fields: [], json: null };
  const { time, level, msg, message } = json;
  return {
    raw,
    time: timeOf(time),
    level: levelOf(level),
    message: printable(textOf(msg ?? message ?? '')),
    fields: Object.entries(json)
      .filter(([key]) => !everywhere.has(key))
      .flatMap(([key, value]) => flatten(key, value, 0)),
    json,
  };
}

function parse(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{') || text.length > longest) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function timeOf(value: unknown): number | null {
  const time = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) ? time : null;
}

function levelOf(value: unknown): Level | null {
  for (const [name, number] of Object.entries(levels)) {
    if (value === number || value === name) return isLevel(name) ? name : null;
  }
  return null;
}

export function isLevel(name: string): name is Level {
  return Object.hasOwn(levels, name);
}

function flatten(key: string, value: unknown, depth: number): [string, string][] {
  if (value === null || value === undefined || value === '') return [];
  if (isRecord(value) && depth < 3) {
    return Object.entries(value).flatMap(([inner, one]) => flatten(`${key}.${inner}`, one, depth + 1));
  }
  return [[printable(key), printable(textOf(value))]];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A log is written by others: it must not move the cursor, ring, or change the title of the window. */
export function printable(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
      .replace(/\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-_])/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters but tab and newline
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '�')
  );
}
