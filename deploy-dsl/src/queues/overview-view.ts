import { type Column, table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wrap } from '../terminal/text.ts';
import { problemOf, type QueueState, type QueuesState } from './overview.ts';

interface Field extends Column {
  of: (queue: QueueState) => string;
  /** Left out where the screen has no room for it. */
  wide?: boolean;
}

const columns: Field[] = [
  { title: 'service', of: ({ service }) => service ?? '–', wide: true },
  { title: 'queue', of: ({ queue }) => queue, shrink: true },
  { title: 'ready', of: ({ ready }) => String(ready), align: 'right' },
  { title: 'in work', of: ({ unacknowledged }) => String(unacknowledged), align: 'right' },
  { title: 'retrying', of: ({ waiting }) => String(waiting), align: 'right', wide: true },
  { title: 'dead', of: ({ dead }) => String(dead), align: 'right' },
  { title: 'consumers', of: ({ consumers }) => String(consumers), align: 'right', wide: true },
  { title: 'in/s', of: ({ inRate }) => rate(inRate), align: 'right', wide: true },
  { title: 'done/s', of: ({ doneRate }) => rate(doneRate), align: 'right', wide: true },
];

const widthForAll = 90;

/** A table of the queues, and below it what is to be looked at. */
export function queuesLines(terminal: Terminal, state: QueuesState): string[] {
  const { exchanges, queues } = state;
  const everything = !terminal.tty || terminal.width >= widthForAll;
  const shown = columns.filter(({ wide }) => everything || wide !== true);
  const problems = queues.map(problemOf);
  const style = (_: string, row: number) => (problems[row] === null ? null : ('yellow' as const));
  const lines =
    queues.length === 0
      ? ['No service consumes events.']
      : table(
          terminal,
          shown.map((column) => ({ ...column, style })),
          queues.map((queue) => shown.map(({ of }) => of(queue))),
        ).split('\n');
  const exchangeLines = exchanges.map(({ exchange, declared, inRate, outRate }) =>
    declared
      ? `exchange ${exchange}: ${rate(inRate)}/s in, ${rate(outRate)}/s to queues`
      : `exchange ${exchange}: not in RabbitMQ: \`./tandem deploy\` declares it`,
  );
  const said = queues.flatMap((queue, index) => {
    const problem = problems[index];
    return problem === null || problem === undefined ? [] : [`${queue.queue}: ${problem}`];
  });
  const width = terminal.tty ? terminal.width : Number.POSITIVE_INFINITY;
  return [...lines, '', ...[...exchangeLines, ...said].flatMap((line) => wrap(line, width))];
}

function rate(perSecond: number): string {
  return perSecond >= 10 || perSecond === 0 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}
