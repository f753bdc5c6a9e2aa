import { formatDuration } from './duration.ts';
import { eventLine, frameLines, type StepState } from './progress-lines.ts';
import type { Progress, Step, Terminal } from './terminal.ts';

const frameMs = 100;
/** How often a step that only moves is mentioned in a log. */
const quietMs = 10_000;

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
  const start = () => {
    // Without unref a forgotten close would keep the process alive.
    timer ??= terminal.interactive ? setInterval(draw, frameMs).unref() : null;
  };

  return {
    step(title) {
      const state: StepState = {
        title,
        detail: '',
        fraction: null,
        status: 'running',
        startedAt: now(),
        endedAt: null,
      };
      steps.push(state);
      if (terminal.interactive) {
        start();
        draw();
      }
      return terminal.interactive ? drawnStep(state, now) : loggedStep(state, terminal, now);
    },
    close() {
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
  const end = (status: StepState['status']) => (detail?: string) => finish(state, status, detail, now());
  return {
    update(detail, fraction) {
      if (state.status === 'running') {
        state.detail = detail;
        state.fraction =
          fraction === undefined || fraction === null ? null : Math.min(1, Math.max(0, fraction));
      }
    },
    done: end('done'),
    fail: end('failed'),
    skip: end('skipped'),
  };
}

/** A step in a log: every event is a line; mere movement is a line now and then. */
function loggedStep(state: StepState, terminal: Terminal, now: () => number): Step {
  let printedAt = Number.NEGATIVE_INFINITY;
  let printed = '';
  const print = () => {
    printedAt = now();
    printed = state.detail;
    terminal.printError(eventLine(state, terminal, formatDuration(now() - state.startedAt)));
  };
  const end = (status: StepState['status']) => (detail?: string) => {
    if (finish(state, status, detail, now())) {
      print();
    }
  };
  return {
    update(detail, fraction) {
      if (state.status !== 'running') {
        return;
      }
      state.detail = detail;
      state.fraction = fraction ?? null;
      const isMovement = fraction !== undefined;
      if (isMovement ? now() - printedAt >= quietMs : detail !== printed) {
        print();
      }
    },
    done: end('done'),
    fail: end('failed'),
    skip: end('skipped'),
  };
}

/** The first end counts; what comes later (a download that is torn down) changes nothing. */
function finish(
  state: StepState,
  status: StepState['status'],
  detail: string | undefined,
  at: number,
): boolean {
  if (state.status !== 'running') {
    return false;
  }
  state.status = status;
  state.detail = detail ?? '';
  state.fraction = null;
  state.endedAt = at;
  return true;
}
