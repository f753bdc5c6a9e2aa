import { widthOf, wrap } from '../terminal/text.ts';
import type { Diagnostic, Range } from './diagnostic.ts';
import type { Pen } from './render.ts';

/** Lines of the source before the one the message is about. */
const context = 2;

/** One underlined place of a line. */
interface Mark {
  range: Range;
  text: string;
  primary: boolean;
}

/** The lines of the source that a diagnostic points at, with line numbers, carets and captions. */
export function excerpt(diagnostic: Diagnostic, source: string, pen: Pen): string[] {
  const { range } = diagnostic;
  if (range === null) {
    return [];
  }
  const marks: Mark[] = [
    { range, text: diagnostic.caption ?? '', primary: true },
    ...diagnostic.labels.map((label) => ({ ...label, primary: false })),
  ];
  const lines = source.split('\n');
  const numbers = linesShown(marks, lines);
  const gutter = String(numbers.at(-1) ?? 1).length;
  const blank = `  ${' '.repeat(gutter)} ${pen.style('dim', pen.bar)} `;
  const room = Math.max(pen.width - gutter - 5, 20);
  const output: string[] = [];
  let before: number | null = null;
  for (const number of numbers) {
    if (before !== null && number > before + 1) {
      output.push(`  ${' '.repeat(gutter)} ${pen.style('dim', pen.gap)}`);
    }
    before = number;
    const here = marks.filter((mark) => mark.range.start.line === number);
    const view = viewOf(lines[number - 1] ?? '', here, room, pen);
    const head = `  ${pen.style('dim', `${String(number).padStart(gutter)} ${pen.bar}`)} `;
    output.push((head + view.text).trimEnd());
    for (const mark of here) {
      output.push(...underline(mark, view, room, pen).map((line) => (blank + line).trimEnd()));
    }
  }
  return output;
}

/** Every marked line, and a few before the first mark: never lines before the file or blank ones at the top. */
function linesShown(marks: Mark[], lines: string[]): number[] {
  const shown = new Set<number>();
  for (const { range, primary } of marks) {
    const { line } = range.start;
    for (let number = Math.max(1, line - (primary ? context : 0)); number <= line; number++) {
      shown.add(number);
    }
  }
  const sorted = [...shown].sort((a, b) => a - b);
  const marked = new Set(marks.map((mark) => mark.range.start.line));
  while (
    sorted.length > 1 &&
    !marked.has(sorted[0] ?? 0) &&
    (lines[(sorted[0] ?? 1) - 1] ?? '').trim() === ''
  ) {
    sorted.shift();
  }
  return sorted;
}

/** What of a line is shown: a long one is cut so that its marks are in sight. */
interface View {
  text: string;
  line: string;
  /** UTF-16 offset of the first character shown. */
  from: number;
  /** Columns taken by the mark of a cut. */
  shift: number;
}

function viewOf(raw: string, marks: Mark[], room: number, pen: Pen): View {
  const line = raw.replace(/\r$/, '');
  const cleaned = pen.clean(line);
  if (widthOf(cleaned) <= room) {
    return { text: cleaned, line, from: 0, shift: 0 };
  }
  const wanted =
    marks.length === 0 ? 0 : Math.min(...marks.map((mark) => mark.range.start.column - 1), line.length);
  const margin = Math.floor(room / 3);
  const from = wanted > room - margin ? wanted - margin : 0;
  const lead = from > 0 ? pen.ellipsis : '';
  let text = '';
  for (const character of pen.clean(line.slice(from))) {
    if (widthOf(lead + text + character + pen.ellipsis) > room) {
      text += pen.ellipsis;
      break;
    }
    text += character;
  }
  return { text: lead + text, line, from, shift: widthOf(lead) };
}

function underline(mark: Mark, view: View, room: number, pen: Pen): string[] {
  const { start, end } = mark.range;
  const from = Math.min(start.column - 1, view.line.length);
  // Of a place over several lines, the first line is underlined to its end.
  const to = end.line === start.line ? end.column - 1 : view.line.trimEnd().length;
  const columns = (text: string) => widthOf(pen.clean(text));
  const indent = view.shift + columns(view.line.slice(view.from, Math.max(from, view.from)));
  const length = Math.max(
    1,
    Math.min(columns(view.line.slice(Math.max(from, view.from), to)), room - indent),
  );
  const sign = mark.primary ? '^' : pen.unicode ? '─' : '-';
  const paint = (text: string) => (mark.primary ? pen.style(['red', 'bold'], text) : pen.style('cyan', text));
  const carets = ' '.repeat(indent) + paint(sign.repeat(length));
  const caption = pen.clean(mark.text);
  if (caption === '') {
    return [carets];
  }
  if (indent + length + 1 + widthOf(caption) <= room) {
    return [`${carets} ${paint(caption)}`];
  }
  // No room beside the carets: below them, moved to the left as far as the text needs.
  const left = Math.max(0, Math.min(indent, room - Math.min(widthOf(caption), 40)));
  const lines = wrap(caption, room - left);
  return [carets, ...lines.map((line) => ' '.repeat(left) + paint(line))];
}
