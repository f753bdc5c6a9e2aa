import { formatDuration, formatElapsed } from './duration.ts';
import { elapsedMs, leftMs, type StepState } from './step-state.ts';
import type { Style, Terminal } from './terminal.ts';
import { pad, truncate, widthOf } from './text.ts';

const spinner = { unicode: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], ascii: ['|', '/', '-', '\\'] };
const marks = {
  unicode: { done: '✓', failed: '✗', skipped: '–', running: '·' },
  ascii: { done: '+', failed: 'x', skipped: '-', running: '.' },
};
const styles: Record<StepState['status'], Style> = {
  done: 'green',
  failed: 'red',
  skipped: 'dim',
  running: 'cyan',
};
const widestTitle = 32;

/**
 * The frame for these steps: a line each, in the order they began, none wider than the screen. When the screen is
 * too low the finished ones are counted in one line, then the last running ones are.
 */
export function frameLines(
  steps: readonly StepState[],
  terminal: Terminal,
  now: number,
  { everything = false }: { everything?: boolean } = {},
): string[] {
  const room = Math.max(3, terminal.screen.height - 1);
  const titleWidth = Math.min(
    widestTitle,
    Math.floor(terminal.screen.width / 2),
    Math.max(...steps.map((step) => widthOf(step.title))),
  );
  const line = (step: StepState) => stepLine(step, terminal, titleWidth, now);
  if (everything || steps.length <= room) {
    return steps.map(line);
  }
  const running = steps.filter((step) => step.status === 'running');
  const failed = steps.filter((step) => step.status === 'failed');
  const shown = [...failed, ...running].slice(0, room - 2);
  const finished = steps.length - running.length - failed.length;
  const hidden = running.length + failed.length - shown.length;
  const counts = [
    terminal.screen.style('dim', `${mark('done', terminal)} ${finished} done`),
    ...(hidden > 0 ? [terminal.screen.style('dim', `${mark('running', terminal)} ${hidden} more`)] : []),
  ];
  return [counts[0] ?? '', ...shown.map(line), ...counts.slice(1)];
}

/** `✓ nomad 1.11.3   built from source   3 m 31 s`; running ones with a spinner, a bar and the time left. */
function stepLine(step: StepState, terminal: Terminal, titleWidth: number, now: number): string {
  const { screen, unicode } = terminal;
  const symbol = step.status === 'running' ? spin(now, unicode) : mark(step.status, terminal);
  const title = pad(truncate(step.title, titleWidth, unicode), titleWidth);
  const room = screen.width - 1 - titleWidth - 4;

  const tail =
    step.status === 'running' ? runningTail(step, now, terminal, room) : endedTail(elapsedMs(step, now));
  const detail = truncate(step.detail, room - widthOf(tail) - (tail === '' ? 0 : 2), unicode);
  const shownDetail = step.status === 'failed' ? screen.style('red', detail) : detail;
  const parts = [shownDetail, screen.style('dim', tail)].filter((part) => part !== '');
  const head = `${screen.style(styles[step.status], symbol)} ${step.status === 'skipped' ? screen.style('dim', title) : title}`;
  return [head, ...parts].join('  ').trimEnd();
}

/** Bar, percent, elapsed and left, as far as they fit beside 16 columns of detail. */
function runningTail(step: StepState, now: number, terminal: Terminal, room: number): string {
  if (step.waitingSince !== null) return '';
  const ms = elapsedMs(step, now);
  const elapsed = ms < 1000 ? '' : formatElapsed(ms);
  if (step.fraction === null) {
    return room >= 20 ? elapsed : '';
  }
  const percent = `${String(Math.floor(step.fraction * 100)).padStart(3)} %`;
  const left = timeLeft(step, now);
  const barWidth = room >= 72 ? 20 : 10;
  const full = [bar(step.fraction, barWidth, terminal.unicode), percent, elapsed, left]
    .filter((part) => part !== '')
    .join('  ');
  const candidates = [full, [percent, elapsed, left].filter((part) => part !== '').join('  '), percent];
  return candidates.find((candidate) => widthOf(candidate) + 18 <= room) ?? percent;
}

function endedTail(ms: number): string {
  return ms < 100 ? '' : formatDuration(ms);
}

function timeLeft(step: StepState, now: number): string {
  const ms = leftMs(step, now);
  return ms === null ? '' : `${formatElapsed(Math.max(1, Math.round(ms / 1000)) * 1000)} left`;
}

function bar(fraction: number, columns: number, unicode: boolean): string {
  const full = Math.floor(fraction * columns);
  return unicode
    ? '━'.repeat(full) + '╌'.repeat(columns - full)
    : `[${'#'.repeat(full)}${'.'.repeat(columns - full)}]`;
}

function spin(now: number, unicode: boolean): string {
  const frames = unicode ? spinner.unicode : spinner.ascii;
  return frames[Math.floor(now / 100) % frames.length] ?? '';
}

function mark(status: StepState['status'], terminal: Terminal): string {
  return (terminal.unicode ? marks.unicode : marks.ascii)[status];
}

/** One event of a step as a line of a log: `✓ nomad 1.11.3: built from source (3 m 31 s)`. */
export function eventLine(step: StepState, terminal: Terminal, now: number): string {
  const symbol = terminal.screen.style(styles[step.status], mark(step.status, terminal));
  const facts = step.status === 'running' ? movement(step, now) : [formatDuration(elapsedMs(step, now))];
  const detail = step.detail === '' ? '' : `: ${step.detail}`;
  return `${symbol} ${step.title}${detail}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}

function movement(step: StepState, now: number): string[] {
  const percent = step.fraction === null ? [] : [`${Math.floor(step.fraction * 100)} %`];
  const left = timeLeft(step, now);
  return left === '' ? percent : [...percent, left];
}
