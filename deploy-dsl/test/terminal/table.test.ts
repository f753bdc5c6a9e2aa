import { describe, expect, test } from 'vitest';
import { table } from '../../src/terminal/table.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { captureTerminal } from '../support/terminal.ts';

const columns = [
  { title: 'service' },
  { title: 'memory', align: 'right' as const },
  { title: 'note', shrink: true },
];

describe('table', () => {
  test('aligns plain, wide and styled cells alike', () => {
    const { terminal } = captureTerminal();
    const rows = [
      ['rooms', '64 MB', 'healthy'],
      ['聊天', '1.5 GB', '\x1b[32mready\x1b[39m'],
      ['x', '', ''],
    ];
    expect(table(terminal, columns, rows).split('\n')).toEqual([
      'service  memory  note',
      'rooms     64 MB  healthy',
      '聊天     1.5 GB  \x1b[32mready\x1b[39m',
      'x',
    ]);
  });

  test('on a terminal it is never wider than the screen; the column that shrinks gives way', () => {
    const { terminal } = captureTerminal({ tty: true, columns: 40, env: { NO_COLOR: '1' } });
    const lines = table(terminal, columns, [
      ['rooms', '64 MB', 'a note that is much too long for this screen'],
    ]).split('\n');
    expect(lines[1]).toBe('rooms     64 MB  a note that is much to…');
    expect(Math.max(...lines.map(widthOf))).toBe(40);
  });

  test('on a very narrow screen the other columns give way too', () => {
    const { terminal } = captureTerminal({ tty: true, columns: 24, env: { NO_COLOR: '1', LC_ALL: 'C' } });
    const lines = table(terminal, columns, [['a-long-service-name', '64 MB', 'a long note']]).split('\n');
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(24);
    expect(lines[1]).toContain('...');
  });

  test('in a pipe nothing is cut', () => {
    const { terminal } = captureTerminal({ columns: 20 });
    expect(table(terminal, columns, [['x', '', 'n'.repeat(200)]])).toContain('n'.repeat(200));
  });

  test('cells are styled after they are cut', () => {
    const { terminal } = captureTerminal({ env: { FORCE_COLOR: '1' } });
    const styledColumns = [
      { title: 's', style: (cell: string) => (cell === 'bad' ? ('red' as const) : null) },
    ];
    expect(table(terminal, styledColumns, [['bad'], ['ok']])).toBe(
      '\x1b[2ms\x1b[22m\n\x1b[31mbad\x1b[39m\nok',
    );
  });
});
