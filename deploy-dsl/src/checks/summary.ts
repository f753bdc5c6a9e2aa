import { formatDuration } from '../terminal/duration.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { CheckOutcome } from './run-checks.ts';

/**
 * Shows what failed, then a table, then the one line that scripts read: `N passed, N failed`.
 *
 * @returns true when nothing failed
 */
export function summary(outcomes: readonly CheckOutcome[], terminal: Terminal): boolean {
  for (const { name, output, failed } of outcomes.filter((outcome) => outcome.output !== '')) {
    terminal.printError();
    terminal.printError(terminal.screen.style(['bold', failed > 0 ? 'red' : 'yellow'], name));
    terminal.printError(output.trimEnd());
  }
  const columns = [
    { title: 'check' },
    { title: 'passed', align: 'right' as const },
    {
      title: 'failed',
      align: 'right' as const,
      style: (cell: string) => (cell === '0' ? null : ('red' as const)),
    },
    { title: 'skipped', align: 'right' as const },
    { title: 'later try', align: 'right' as const },
    { title: 'took', align: 'right' as const },
  ];
  const rows = outcomes.map(({ name, passed, failed, skipped, flaky, ms }) => [
    name,
    ...[passed, failed, skipped, flaky].map(String),
    formatDuration(ms),
  ]);
  const total = (key: 'passed' | 'failed') => outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  terminal.print();
  terminal.print(table(terminal, columns, rows));
  terminal.print();
  terminal.print(`${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0;
}
