import { type DestinationStream, destination, type Logger, pino } from 'pino';
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

const SECRET_KEYS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'grant',
  'privateKey',
];

/** Anything that looks like a signed JWT, wherever it stands in a line: in a message, a stack or a URL. */
const JWT = /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g;

/**
 * A pino logger: one JSON object per line and event on stdout, with the ids of the request it belongs to. Known
 * secret fields are redacted three levels deep, and tokens wherever they stand in the text.
 */
export function createLogger(
  identity: LogIdentity,
  level: string,
  output: DestinationStream = destination({ dest: 1, sync: false, minLength: 0 }),
): Logger {
  return pino(
    {
      level,
      base: identity,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: requestIds,
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: '[redacted]',
      },
      hooks: { streamWrite: (line) => (line.includes('eyJ') ? line.replace(JWT, '[token]') : line) },
    },
    output,
  );
}

function requestIds(): Record<string, string> {
  const request = currentRequest();
  if (request === undefined) return {};
  const ids = { requestId: request.requestId, traceId: request.trace.traceId };
  return request.userId === undefined ? ids : { ...ids, userId: request.userId };
}
