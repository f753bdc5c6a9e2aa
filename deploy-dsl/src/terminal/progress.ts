import { eventLine, frameLines } from './progress-lines.ts';
import { advance, elapsedMs, end, newStep, pause, type StepState } from './step-state.ts';
import type { Progress, Step, Terminal } from './terminal.ts';

const frameMs = 100;
/** How often a step that only moves is mentioned in a log: less often when it takes minutes. */
const quietMs = { first: 10_000, later: 30_000, laterAfter: 60_000 };

/**
 * Shows what is going on: on a terminal one line per step, redrawn ten times a second with a spinner, a bar and
 * the time left where the fraction is known; elsewhere one plain line per event. All on standard error.
 *
 * @param now milliseconds on a clock that never goes back; tests give their own
 */
export function createProgress(terminal: Terminal, now: () => number = () => performance.now()): Progress {
  const steps: StepState[] = [];
  const draw = () => terminal.screen.draw(frameLines(steps, terminal, now()));
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const start = () => {
    // Without unref a forgotten close would keep the process alive.
    timer ??= terminal.interactive ? setInterval(draw, frameMs).unref() : null;
  };

  return {
    step(title) {
      const state = newStep(title, now());
      steps.push(state);
      if (terminal.interactive) {
        start();
        draw();
      }
      return terminal.interactive ? drawnStep(state, now) : loggedStep(state, terminal, now);
    },
    close() {
      // Whoever prints a result closes it before that, and whoever made it in any case.
      if (closed) return;
      closed = true;
      if (timer !== null) {
        clearInterval(timer);
        timer = null;
      }
      if (terminal.interactive && steps.length > 0) {
        terminal.screen.draw(frameLines(steps, terminal, now(), { everything: true }));
        terminal.screen.release();
      }
    },
  };
}

/** A step whose line is redrawn by the timer: it only keeps the state. */
function drawnStep(state: StepState, now: () => number): Step {
  const ended = (status: StepState['status']) => (detail?: string) => {
    end(state, status, detail ?? '', now());
  };
  return {
    update(detail, fraction) {
      if (state.status === 'running') advance(state, detail, fraction ?? null, now());
    },
    wait(detail) {
      if (state.status === 'running') pause(state, detail, now());
    },
    done: ended('done'),
    fail: ended('failed'),
    skip: ended('skipped'),
  };
}

/** A step in a log: every event is a line; mere movement is a line now and then. */
function loggedStep(state: StepState, terminal: Terminal, now: () => number): Step {
  let printedAt = Number.NEGATIVE_INFINITY;
  let printed = '';
  const print = () => {
    printedAt = now();
    printed = state.detail;
    terminal.printError(eventLine(state, terminal, now()));
  };
  const isQuiet = () => {
    const { first, later, laterAfter } = quietMs;
    return now() - printedAt < (elapsedMs(state, now()) < laterAfter ? first : later);
  };
  const ended = (status: StepState['status']) => (detail?: string) => {
    if (end(state, status, detail ?? '', now())) print();
  };
  return {
    update(detail, fraction) {
      if (state.status !== 'running') return;
      advance(state, detail, fraction ?? null, now());
      const isMovement = fraction !== undefined;
      if (isMovement ? !isQuiet() : detail !== printed) print();
    },
    wait(detail) {
      if (state.status !== 'running') return;
      pause(state, detail, now());
      if (detail !== printed) print();
    },
    done: ended('done'),
    fail: ended('failed'),
    skip: ended('skipped'),
  };
}
