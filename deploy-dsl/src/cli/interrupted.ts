/** Why the command's signal was aborted: the user, the system, or a reader that went away. */
export class Interrupted extends Error {
  readonly exitCode: number;

  /** @param cause the signal whose default action would have ended the process */
  constructor(cause: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE') {
    super(`interrupted by ${cause}`);
    this.name = 'Interrupted';
    this.exitCode = 128 + { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 }[cause];
  }
}

/** True for an error that only says that the signal was aborted. */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted || !(error instanceof Error)) {
    return false;
  }
  return error === signal.reason || error.name === 'AbortError' || isInterruption(error.cause, signal);
}
