import { stripVTControlCharacters, styleText } from 'node:util';
import { widthOf, wrap } from '../terminal/text.ts';
import type { Diagnostic } from './diagnostic.ts';
import { excerpt } from './excerpt.ts';

/** What the screen can show. */
export interface RenderOptions {
  colour: boolean;
  /** False: only ASCII is written. */
  unicode: boolean;
  /** Columns; lines of prose are broken there, lines of the source are cut. */
  width: number;
}

/** The characters and styles of a rendering. */
export interface Pen {
  width: number;
  unicode: boolean;
  /** Left of each quoted line. */
  bar: string;
  /** Where lines are left out. */
  gap: string;
  ellipsis: string;
  style(style: Parameters<typeof styleText>[0], text: string): string;
  /** The text with what the screen cannot show replaced. Keeps the number of columns of a quoted line. */
  clean(text: string): string;
}

/**
 * Diagnostics as text: what is wrong and where, the lines of the source with carets below, what to do. No line break
 * at the end.
 * @param sources text of each file by the name that the diagnostics use; a file that is missing is not quoted
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions,
): string {
  const pen = penFor(options);
  const blocks = diagnostics.map((diagnostic) => renderOne(diagnostic, sources, pen));
  if (diagnostics.length > 1) {
    blocks.push(total(diagnostics));
  }
  return blocks.join('\n\n');
}

function renderOne(diagnostic: Diagnostic, sources: ReadonlyMap<string, string>, pen: Pen): string {
  const source = diagnostic.file === null ? undefined : sources.get(diagnostic.file);
  const sections = [heading(diagnostic, pen)];
  const quoted = source !== undefined && diagnostic.range !== null;
  if (quoted) {
    sections.push(excerpt(diagnostic, source, pen));
  }
  // Without a line to write it under, what would stand there comes first.
  const said = quoted || diagnostic.caption === null ? [] : [diagnostic.caption];
  const evidence = [...said, ...diagnostic.evidence];
  if (evidence.length > 0) {
    const lines = evidence.flatMap((line) => stripVTControlCharacters(line).split(/\r?\n/));
    sections.push(lines.map((line) => `  ${pen.style('dim', pen.bar)} ${pen.clean(line)}`));
  }
  if (diagnostic.help.length > 0) {
    sections.push(diagnostic.help.flatMap((help) => labelled('help', help, pen)));
  }
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

/** `error TDM-201  unknown service "user"      services.yml:27:13`, on several lines where it is too long for one. */
function heading(diagnostic: Diagnostic, pen: Pen): string[] {
  const { severity, code } = diagnostic;
  const colour = severity === 'error' ? 'red' : 'yellow';
  const indent = ' '.repeat(severity.length + code.length + 3);
  const place = pen.clean(placeOf(diagnostic));
  const [first = '', ...rest] = wrap(pen.clean(diagnostic.title), Math.max(pen.width - indent.length, 20));
  const start = `${pen.style([colour, 'bold'], severity)} ${pen.style('bold', code)}  `;
  const lines = [start + pen.style('bold', first), ...rest.map((line) => indent + pen.style('bold', line))];
  if (place === '') {
    return lines;
  }
  const room = pen.width - indent.length - widthOf(first) - widthOf(place);
  if (rest.length === 0 && room >= 2) {
    lines[0] += ' '.repeat(room) + pen.style('cyan', place);
    return lines;
  }
  return [...lines, `  ${pen.style('cyan', place)}`];
}

function placeOf({ file, range }: Diagnostic): string {
  if (file === null) {
    return '';
  }
  return range === null ? file : `${file}:${range.start.line}:${range.start.column}`;
}

function labelled(label: string, text: string, pen: Pen): string[] {
  const indent = ' '.repeat(label.length + 4);
  const lines = wrap(pen.clean(text), Math.max(pen.width - indent.length, 20));
  return lines.map((line, index) => (index === 0 ? `  ${pen.style('cyan', label)}  ${line}` : indent + line));
}

function total(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const count = (number: number, what: string) =>
    number === 0 ? [] : `${number} ${what}${number === 1 ? '' : 's'}`;
  return [count(errors, 'error'), count(warnings, 'warning')].flat().join(', ');
}

function penFor({ colour, unicode, width }: RenderOptions): Pen {
  return {
    width: Math.max(width, 30),
    unicode,
    bar: unicode ? '│' : '|',
    gap: unicode ? '⋮' : ':',
    ellipsis: unicode ? '…' : '...',
    style: (style, text) =>
      colour && text !== '' ? styleText(style, text, { validateStream: false }) : text,
    clean: (text) => clean(text, unicode),
  };
}

const asciiOf: Record<string, string> = { '→': '->', '×': 'x', '…': '...', '–': '-', '“': '"', '”': '"' };

function clean(text: string, unicode: boolean): string {
  const visible = text.replaceAll(/\p{Cc}|\p{Cs}|[\u200b\u202a-\u202e\u2066-\u2069\ufeff]/gu, (character) =>
    character === '\t' ? ' ' : unicode ? '\ufffd' : '?',
  );
  return unicode ? visible : visible.replaceAll(/[^\x20-\x7e]/gu, (character) => asciiOf[character] ?? '?');
}
