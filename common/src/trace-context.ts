import { randomHex } from './random-hex.ts';

/** W3C Trace Context: the trace a request belongs to and this service's own step (span) in it. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  /** Two hex digits; bit 0 says that the trace is recorded. */
  flags: string;
  state: string | null;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;
const LONGEST_STATE = 512;

/** Continues the caller's trace, or starts one when the header is missing or not valid. */
export function readTraceContext(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext {
  const spanId = randomHex(8);
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) {
    return { traceId: randomHex(16), spanId, parentSpanId: null, flags: '01', state: null };
  }
  return {
    traceId: traceparent.slice(3, 35),
    spanId,
    parentSpanId: traceparent.slice(36, 52),
    flags: traceparent.slice(53, 55),
    state: tracestate !== undefined && tracestate.length <= LONGEST_STATE ? tracestate : null,
  };
}

/** Headers for a request to another service: this service's span is the parent of theirs. */
export function traceHeaders(trace: TraceContext): Record<string, string> {
  const traceparent = traceparentOf(trace);
  return trace.state === null ? { traceparent } : { traceparent, tracestate: trace.state };
}

export function traceparentOf({ traceId, spanId, flags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${flags}`;
}
