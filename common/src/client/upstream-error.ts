import type { RawResponse } from './transport.ts';

/**
 * Another service answered, but with a refusal, or with something that does not fit what was agreed. A request that
 * ends in it is answered with 502 `upstream-failed`: catch it where a refusal is a normal case.
 */
export class UpstreamError extends Error {
  readonly service: string;
  readonly status: number;
  /** The `code` of its problem; null when it sent none. */
  readonly code: string | null;

  constructor(service: string, status: number, code: string | null, reason: string, cause?: unknown) {
    super(`${service}: ${reason}`, cause === undefined ? {} : { cause });
    this.name = 'UpstreamError';
    this.service = service;
    this.status = status;
    this.code = code;
  }

  static fromResponse(service: string, response: RawResponse): UpstreamError {
    const code = problemCode(response.body);
    return new UpstreamError(
      service,
      response.status,
      code,
      `it answered ${response.status} ${code ?? ''}`.trimEnd(),
    );
  }
}

function problemCode(body: string): string | null {
  try {
    const problem: unknown = JSON.parse(body);
    const named = typeof problem === 'object' && problem !== null && 'code' in problem;
    return named && typeof problem.code === 'string' ? problem.code : null;
  } catch {
    return null;
  }
}
