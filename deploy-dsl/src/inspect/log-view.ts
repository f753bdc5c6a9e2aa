import type { Style, Terminal } from '../terminal/terminal.ts';
import type { Level, LogLine } from './log-line.ts';

/** Where a line came from. */
export interface Source {
  service: string;
  /** Id of the allocation. */
  instance: string;
  cloud: string;
  stream: 'stdout' | 'stderr';
}

const levelStyle: Record<Level, Style> = {
  trace: 'dim',
  debug: 'dim',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: ['red', 'bold'],
};
/** Readable on dark and light screens; red and yellow are for levels. */
const instanceColours: Style[] = [
  'cyan',
  'magenta',
  'blue',
  'green',
  'cyanBright',
  'magentaBright',
  'blueBright',
];
/** Printed with its line breaks below the line. */
const stackKeys = new Set(['err.stack', 'error.stack', 'stack']);

/**
 * A line for people: `12:41:07.123 INFO  5f3a9c21 rooms  request completed  req.method=GET …`.
 *
 * @param naming columns of the service's name; 0 leaves it out
 */
export function colouredLine(terminal: Terminal, line: LogLine, source: Source, naming: number): string {
  const time = terminal.style('dim', line.time === null ? ' '.repeat(12) : clock(line.time));
  const level = line.level ?? (source.stream === 'stderr' ? 'err' : '');
  const shownLevel = level.toUpperCase().padEnd(5);
  const style = line.level === null ? 'dim' : levelStyle[line.level];
  const instance = terminal.style(colourOf(source.instance), source.instance.slice(0, 8));
  const name = naming === 0 ? '' : ` ${source.service.padEnd(naming)}`;
  const stack = line.fields.filter(([key]) => stackKeys.has(key)).map(([, value]) => indent(value));
  const fields = line.fields
    .filter(([key]) => !stackKeys.has(key))
    .map(([key, value]) => `${terminal.style('dim', `${key}=`)}${quote(value)}`);
  // A message of several lines must not look like several messages.
  const message = line.message.replaceAll('\n', '\n    ');
  const parts = [`${time} ${terminal.style(style, shownLevel)} ${instance}${name}`, message, ...fields];
  return [parts.filter((part) => part !== '').join(' '), ...stack].join('\n');
}

/** The same for evidence in a message: without time and instance. */
export function plainLine(line: LogLine): string {
  if (line.json === null) return line.raw;
  const fields = line.fields
    .filter(([key]) => !stackKeys.has(key) && !key.startsWith('req.') && !key.startsWith('res.'))
    .map(([key, value]) => `${key}=${quote(value)}`);
  return [line.level?.toUpperCase() ?? '', line.message, ...fields].filter((part) => part !== '').join(' ');
}

/** Hours to milliseconds in the zone of the machine. */
export function clock(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return ' '.repeat(12);
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** The same instance has the same colour in every run. */
function colourOf(instance: string): Style {
  const hash = [...instance].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0, 7);
  return instanceColours[hash % instanceColours.length] ?? 'cyan';
}

function quote(value: string): string {
  return /[\s"]/.test(value) ? JSON.stringify(value) : value;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
