import type { Style, Terminal } from './terminal.ts';
import { pad, truncate, widthOf } from './text.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Gives way first when the table is too wide; without any such column the widest one does. */
  shrink?: boolean;
  /** How a cell of this column looks; applied after it is cut, so that cells can be plain text. */
  style?: (cell: string, row: number) => Style | null;
}

const gap = '  ';
const narrowest = 6;

/**
 * Rows in aligned columns under faint titles, never wider than the terminal: what does not fit is cut with a
 * mark, in the columns that shrink. Without a terminal (a pipe, a CI log) nothing is cut. Cells may carry styles.
 *
 * @returns the lines joined, without a newline at the end
 */
export function table(
  terminal: Terminal,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map((column, i) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[i] ?? '')), widthOf(column.title)),
  );
  if (terminal.tty) {
    shrinkTo(terminal.width, columns, widths);
  }
  const line = (cells: readonly string[], decorate: (cell: string, column: Column) => string) =>
    columns
      .map((column, i) => {
        const cell = truncate(cells[i] ?? '', widths[i] ?? 0, terminal.unicode);
        const isLast = i === columns.length - 1;
        const padding = pad('', (widths[i] ?? 0) - widthOf(cell));
        const shown = decorate(cell, column);
        return column.align === 'right' ? padding + shown : isLast ? shown : shown + padding;
      })
      .join(gap)
      .trimEnd();

  const head = line(
    columns.map((column) => column.title),
    (title) => terminal.style('dim', title),
  );
  const body = rows.map((row, index) =>
    line(row, (cell, column) => {
      const style = column.style?.(cell, index);
      return style ? terminal.style(style, cell) : cell;
    }),
  );
  return [head, ...body].join('\n');
}

/** Takes columns off the widest ones that may shrink until the table fits, or until they are all narrow. */
function shrinkTo(available: number, columns: readonly Column[], widths: number[]): void {
  const total = () => widths.reduce((sum, width) => sum + width, 0) + gap.length * (columns.length - 1);
  const preferred = columns.flatMap((column, i) => (column.shrink === true ? [i] : []));
  for (const candidates of [preferred, columns.map((_, i) => i)]) {
    for (let excess = total() - available; excess > 0; excess = total() - available) {
      const widest = candidates.reduce(
        (a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a),
        candidates[0] ?? -1,
      );
      const width = widths[widest];
      if (width === undefined || width <= narrowest) {
        break;
      }
      const next = Math.max(0, ...candidates.filter((i) => i !== widest).map((i) => widths[i] ?? 0));
      const floor = Math.max(narrowest, next < width ? next : width - 1);
      widths[widest] = Math.max(floor, width - excess);
    }
  }
}
