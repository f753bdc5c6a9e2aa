/** A step of a progress, on the progress's clock in milliseconds. */
export interface StepState {
  title: string;
  detail: string;
  /** 0 to 1; null where it is not known. */
  fraction: number | null;
  status: 'running' | 'done' | 'failed' | 'skipped';
  startedAt: number;
  endedAt: number | null;
  /** Null unless it waits for something else. */
  waitingSince: number | null;
  /** Spent waiting before that. */
  waitedMs: number;
  /** Where the present stretch of the fraction began; what came before it went at another pace. */
  pace: { elapsedMs: number; fraction: number };
}

/** An estimate from the first moments would be wild. */
const estimateAfter = { ms: 3000, fraction: 0.03 };

/** A step that begins now. */
export function newStep(title: string, now: number): StepState {
  return {
    title,
    detail: '',
    fraction: null,
    status: 'running',
    startedAt: now,
    endedAt: null,
    waitingSince: null,
    waitedMs: 0,
    pace: { elapsedMs: 0, fraction: 0 },
  };
}

/** Notes what goes on now. A fraction that is new, or lower than before, belongs to another piece of work. */
export function advance(step: StepState, detail: string, fraction: number | null, now: number): void {
  resume(step, now);
  const bounded = fraction === null ? null : Math.min(1, Math.max(0, fraction));
  if (bounded !== null && (step.fraction === null || bounded < step.fraction)) {
    step.pace = { elapsedMs: elapsedMs(step, now), fraction: bounded };
  }
  step.detail = detail;
  step.fraction = bounded;
}

/** Notes that it waits. */
export function pause(step: StepState, detail: string, now: number): void {
  step.waitingSince ??= now;
  step.detail = detail;
  step.fraction = null;
}

/** Ends it. The first end counts; what comes later (a download that is torn down) changes nothing. */
export function end(step: StepState, status: StepState['status'], detail: string, now: number): boolean {
  if (step.status !== 'running') return false;
  resume(step, now);
  step.status = status;
  step.detail = detail;
  step.fraction = null;
  step.endedAt = now;
  return true;
}

/** How long it has been at work: without the time it spent waiting. */
export function elapsedMs(step: StepState, now: number): number {
  const waiting = step.waitingSince === null ? 0 : now - step.waitingSince;
  return (step.endedAt ?? now) - step.startedAt - step.waitedMs - waiting;
}

/** How long it will still take at its present pace; null while that is not known. */
export function leftMs(step: StepState, now: number): number | null {
  if (step.fraction === null || step.fraction >= 1) return null;
  const ms = elapsedMs(step, now) - step.pace.elapsedMs;
  const fraction = step.fraction - step.pace.fraction;
  if (ms < estimateAfter.ms || fraction < estimateAfter.fraction) return null;
  return (ms * (1 - step.fraction)) / fraction;
}

function resume(step: StepState, now: number): void {
  if (step.waitingSince === null) return;
  step.waitedMs += now - step.waitingSince;
  step.waitingSince = null;
}
