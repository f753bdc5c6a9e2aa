import { type DestinationStream, type Logger, pino } from 'pino';
import { isoNow } from './iso-now.ts';
import { redact } from './redact.ts';
import { currentRequest } from './request-context.ts';
import { openStandardOutput, type StandardOutput } from './standard-output.ts';

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
const SIGNED = /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g;

/**
 * A pino logger: one JSON object per line and event on stdout, with the ids of the request it belongs to. Fields
 * named like secrets are redacted, and tokens wherever they stand in the text.
 */
export function createLogger(
  identity: LogIdentity,
  level: string,
  output: DestinationStream = standardOutput(),
): Logger {
  const logger = pino(
    {
      level,
      base: identity,
      timestamp: () => `,"time":"${isoNow()}"`,
      formatters: { level: (label) => ({ level: label }), log: redact },
      mixin: requestIds,
      serializers: { err: (error: Error) => redact({ ...pino.stdSerializers.err(error) }) },
      hooks: { streamWrite: withoutTokens },
    },
    output,
  );
  outputs.set(logger, output);
  return logger;
}

const outputs = new WeakMap<Logger, DestinationStream & Partial<StandardOutput>>();

/**
 * Writes lines of one message without pino, at the level `info`: for the one line that every request has, which would
 * need more time than the rest of a short request. It may come some milliseconds late.
 *
 * @returns takes the line's own fields: JSON, each with a comma before it
 */
export function createLineWriter(logger: Logger, message: string): (fields: string) => void {
  const output = outputs.get(logger);
  if (output === undefined) throw new Error('a line writer needs a logger of createLogger');
  const identity = JSON.stringify(logger.bindings()).slice(1, -1);
  const end = `,"msg":${JSON.stringify(message)}}\n`;
  let now = '';
  let start = '';
  return (fields) => {
    if (!logger.isLevelEnabled('info')) return;
    // Many requests share a millisecond.
    if (now !== isoNow()) {
      now = isoNow();
      start = `{"level":"info","time":"${now}",${identity}`;
    }
    const line = start + fields + end;
    if (output.writeLater === undefined) output.write(withoutTokens(line));
    else output.writeLater(line);
  };
}

function withoutTokens(line: string): string {
  return line.includes('eyJ') ? line.replace(SIGNED, '[token]') : line;
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

let opened: StandardOutput | undefined;

/** There is one, however many loggers. */
function standardOutput(): StandardOutput {
  opened ??= openStandardOutput(withoutTokens);
  return opened;
}
