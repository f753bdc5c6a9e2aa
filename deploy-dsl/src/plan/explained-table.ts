import type { Explained } from '../language/explain.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * Every effective value of a service and where it comes from; what the file says stands out from what is built in.
 *
 * @param file as messages name it
 */
export function explainedTable(terminal: Terminal, file: string, rows: readonly Explained[]): string {
  const isBuiltIn = (row: number) => rows[row]?.range === null;
  return table(
    terminal,
    [
      { title: 'key' },
      { title: 'value', shrink: true, style: (_, row) => (isBuiltIn(row) ? null : 'bold') },
      { title: 'from', shrink: true, style: (_, row) => (isBuiltIn(row) ? 'dim' : null) },
    ],
    rows.map(({ key, value, layer, range }) => [
      key,
      value,
      range === null ? layer : `${layer} (${file}:${range.start.line})`,
    ]),
  );
}
