import { type Diagnostic, exitCodes, TandemError } from '../language/diagnostic.ts';
import type { System } from '../language/errors/cluster.ts';

export interface ClusterFailure {
  system: System;
  /** HTTP status; null when there was no answer. */
  status: number | null;
  /** What the server said, or why there was no answer. */
  message: string;
  /** Path of the API that was asked, without the query. */
  path: string;
}

/**
 * A request to Nomad, Consul or RabbitMQ that failed. A command may let it pass: it carries the diagnostic that
 * the user should see. Code that knows more (which job, which cloud) catches it and says it better.
 */
export class ClusterError extends TandemError {
  readonly system: System;
  readonly status: number | null;
  readonly path: string;
  /** What the server said, without the words that the diagnostic adds. */
  readonly reply: string;

  constructor(failure: ClusterFailure, diagnostic: Diagnostic) {
    super([diagnostic], exitCodes.failed);
    this.name = 'ClusterError';
    this.system = failure.system;
    this.status = failure.status;
    this.path = failure.path;
    this.reply = failure.message;
  }

  /** Nothing answered: refused, unknown host, timed out. */
  get unreachable(): boolean {
    return this.status === null;
  }
}

/** True for the answer "there is no such thing". */
export function isNotFound(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404;
}

/** True where a write was refused because somebody else wrote in between. */
export function isConflict(error: unknown): boolean {
  return (
    error instanceof ClusterError &&
    (error.status === 409 || (error.status === 500 && /Enforcing job modify index/.test(error.reply)))
  );
}
