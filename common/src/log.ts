import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { isoNow } from './iso-now.ts';
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

const outputs = new WeakMap<Logger, DestinationStream & Partial<LateOutput>>();

interface LateOutput {
  /** As `write`, within some milliseconds. */
  writeLater(line: string): void;
}

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
  return (fields) => {
    if (!logger.isLevelEnabled('info')) return;
    const line = `{"level":"info","time":"${isoNow()}",${identity}${withoutTokens(fields)}${end}`;
    if (output.writeLater === undefined) output.write(line);
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

type StandardOutput = DestinationStream & LateOutput & Pick<ReturnType<typeof destination>, 'flush'>;

let opened: StandardOutput | undefined;

/** There is one, however many loggers. */
function standardOutput(): StandardOutput {
  opened ??= openStandardOutput();
  return opened;
}

/** So many characters are written without waiting any longer. */
const LONGEST_WAITING = 64 * 1024;
const LATER_MS = 10;

/**
 * Standard output in the background. All lines of one turn of the event loop are written by one call, and those that may
 * wait by one call for many turns: where many requests are answered, a call for each line would cost more than the line.
 */
function openStandardOutput(): StandardOutput {
  const output = destination({ dest: 1, sync: false });
  let waiting = '';
  let isDue = false;
  let later: NodeJS.Timeout | null = null;

  function writeOut(): void {
    isDue = false;
    if (later !== null) clearTimeout(later);
    later = null;
    if (waiting === '') return;
    output.write(waiting);
    waiting = '';
  }

  // Before its own listener, which writes out what it was given.
  process.prependListener('exit', writeOut);
  return {
    write(line) {
      waiting += line;
      if (waiting.length > LONGEST_WAITING) writeOut();
      if (isDue) return;
      isDue = true;
      setImmediate(writeOut);
    },
    writeLater(line) {
      waiting += line;
      if (waiting.length > LONGEST_WAITING) writeOut();
      else if (!isDue) later ??= setTimeout(writeOut, LATER_MS);
    },
    flush(done) {
      writeOut();
      output.flush(done);
    },
  };
}
