import { isUtf8 } from 'node:buffer';
import type { DeadLetter } from '@tandem/common/dead-letters';
import { printable } from '../inspect/log-line.ts';
import { formatAgo } from '../terminal/duration.ts';
import { formatBytes } from '../terminal/size.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { pad, truncate, wrap } from '../terminal/text.ts';
import type { FoundLetter, Listed } from './dead-letters.ts';

/** More of a body than this is only shown as JSON. */
const longestBody = 20_000;

/** Two lines for each: which it is, and why it is there. */
export function listLines(
  terminal: Terminal,
  queue: string,
  { letters, total }: Listed,
  now: number,
): string[] {
  if (letters.length === 0) return [`${queue} has no dead letters.`];
  const cut = (line: string) => (terminal.tty ? truncate(line, terminal.width, terminal.unicode) : line);
  return [
    ...letters.flatMap((letter) => [
      cut(
        `${terminal.style('bold', oneLine(letter.id))}  ${[
          oneLine(letter.event ?? 'no event'),
          ...(letter.failedAt === null ? [] : [ago(letter.failedAt, now)]),
          ...triesWords(letter),
        ].join(', ')}`,
      ),
      cut(`    ${terminal.style('yellow', oneLine(letter.code ?? 'unknown'))}  ${oneLine(letter.reason)}`),
    ]),
    ...(total > letters.length ? [`${total - letters.length} more: --limit ${total} shows all`] : []),
  ];
}

/** Everything that is known of one: why it failed, its headers, its body. */
export function letterLines(terminal: Terminal, letter: FoundLetter, now: number): string[] {
  const { id, event, producer, service, version, code, reason, firstFailedAt, failedAt, bytes } = letter;
  const width = terminal.tty ? terminal.width : Number.POSITIVE_INFINITY;
  const facts: [string, string | null][] = [
    ['id', id],
    ['event', event === null ? null : `${event}${producer === null ? '' : ` from ${producer}`}`],
    ['code', code],
    ['reason', reason],
    ['failed', failedAt === null ? null : `${failedAt}, ${ago(failedAt, now)}`],
    ['first', firstFailedAt === failedAt ? null : firstFailedAt],
    ['tried', triesWords(letter).join(', ') || null],
    ['by', service === null ? null : `${service}${version === null ? '' : ` ${version}`}`],
    ['size', formatBytes(bytes)],
  ];
  const headers = Object.entries(letter.headers).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)),
  ]);
  const named = (list: [string, string | null][]) => {
    const column = Math.max(...list.map(([name]) => name.length)) + 2;
    return list.flatMap(([name, value]) => {
      if (value === null) return [];
      const [first = '', ...rest] = wrap(oneLine(value), Math.max(20, width - column));
      return [
        terminal.style('dim', pad(oneLine(name), column)) + first,
        ...rest.map((line) => ' '.repeat(column) + line),
      ];
    });
  };
  return [
    ...named(facts),
    ...(headers.length === 0 ? [] : ['', terminal.style('bold', 'Headers'), ...named(headers)]),
    '',
    terminal.style('bold', 'Body'),
    ...bodyLines(letter.content),
  ];
}

/** The same as data: the body as text where it is text. */
export function letterData({ content, ...letter }: FoundLetter): object {
  const encoding = isUtf8(content) ? 'utf8' : 'base64';
  return { ...letter, encoding, body: content.toString(encoding) };
}

function bodyLines(content: Buffer): string[] {
  if (content.length === 0) return ['(empty)'];
  if (!isUtf8(content)) return [`(binary, ${formatBytes(content.length)}: --json shows it in base64)`];
  const text = indented(content.toString('utf8'));
  const rest = text.length - longestBody;
  return [
    ...printable(text.slice(0, longestBody)).split('\n'),
    ...(rest > 0 ? [`(${rest} more characters: --json shows all)`] : []),
  ];
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function triesWords({ attempts, replays }: DeadLetter): string[] {
  return [
    ...(attempts === null ? [] : [attempts === 1 ? '1 try' : `${attempts} tries`]),
    ...(replays === 0 ? [] : [replays === 1 ? 'replayed once' : `replayed ${replays} times`]),
  ];
}

function ago(time: string, now: number): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? oneLine(time) : formatAgo(now - at);
}

/** What is written on a message was written by others. */
function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ');
}
