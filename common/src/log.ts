import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { redact } from './redact.ts';
import { currentRequest } from './request-context.ts';

export type { Logger };

/** Who writes the log: on every line. */
export interface LogIdentity {
  service: string;
  version: string;
  environment: string;
  cloud: string;
  /** Nomad's allocation; undefined outside Nomad. */
  allocation: string | undefined;
}

/** Anything that looks like a signed JWT, wherever it stands in a line: in a message, a stack or a URL. */
const JWT = /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g;

/**
 * A pino logger: one JSON object per line and event on stdout, with the ids of the request it belongs to. Fields
 * named like secrets are redacted, and tokens wherever they stand in the text.
 */
export function createLogger(
  identity: LogIdentity,
  level: string,
  output: DestinationStream = standardOutput(),
): Logger {
  return pino(
    {
      level,
      base: identity,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
      mixin: requestIds,
      serializers: { err: (error: Error) => redact({ ...pino.stdSerializers.err(error) }) },
      hooks: { streamWrite: (line) => (line.includes('eyJ') ? line.replace(JWT, '[token]') : line) },
    },
    output,
  );
}

function requestIds(): Record<string, string> {
  const request = currentRequest();
  if (request === undefined) return {};
  return {
    requestId: request.requestId,
    traceId: request.trace.traceId,
    ...(request.userId === undefined ? {} : { userId: request.userId }),
    ...(request.messageId === undefined ? {} : { messageId: request.messageId }),
  };
}

/** So many bytes are written without waiting for the end of the turn. */
const WRITTEN_AT_ONCE = 8 * 1024;

/**
 * Standard output in the background. All lines of one turn of the event loop are written by one call: where many requests
 * are answered in a turn, a call for each line would cost more than the line.
 */
function standardOutput(): DestinationStream & { flush(done?: (error?: Error) => void): void } {
  const output = destination({ dest: 1, sync: false, minLength: WRITTEN_AT_ONCE });
  let isDue = false;
  const writeOut = () => {
    isDue = false;
    output.flush();
  };
  return {
    write(line) {
      output.write(line);
      if (isDue) return;
      isDue = true;
      setImmediate(writeOut);
    },
    flush: (done) => output.flush(done),
  };
}
