import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Loaded when a text needs them: their tables of characters take longer to load than most commands take. */
const stringWidth = (text: string): number => {
  const { default: measure }: typeof import('string-width') = require('string-width');
  return measure(text);
};
const cliTruncate = (text: string, columns: number, options: { truncationCharacter: string }): string => {
  const { default: cut }: typeof import('cli-truncate') = require('cli-truncate');
  return cut(text, columns, options);
};

/** Columns a text takes on the screen: styles count nothing, East Asian wide characters and emoji two. */
export function widthOf(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}

/** Cuts a text that is wider than this many columns and ends it with a mark. Styles stay balanced. */
export function truncate(text: string, columns: number, unicode: boolean): string {
  if (columns <= 0) {
    return '';
  }
  if (widthOf(text) <= columns) {
    return text;
  }
  const mark = unicode ? '…' : '...';
  return cliTruncate(text, columns, { truncationCharacter: columns > mark.length ? mark : '' });
}

/** Fills a text up with blanks to this many columns. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** Breaks a text at its blanks into lines of at most this many columns; a longer word keeps a line of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** Printable ASCII and the marks of our own screens (…, →, ·, ✓, bars): one column each, nearly always the case. */
const plain =
  /^[\x20-\x7e\u00b7\u00d7\u2013\u2026\u2190-\u2193\u2264\u2265\u2500-\u257f\u2713\u2717\u2800-\u28ff]*$/;
