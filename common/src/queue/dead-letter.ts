import { createHash } from 'node:crypto';
import type { Message, Options } from 'amqplib';
import { FAILURE_HEADERS, ownHeaders, ownProperties } from './failure-headers.ts';

/** Why a message was given up, and what is known of it. */
export interface DeadLetter {
  /** The message id; for a message without one `sha256:` and the beginning of the digest of its body. */
  id: string;
  /** Name of the event; null for what is none. */
  event: string | null;
  producer: string | null;
  /** Who gave it up, and its version; null where RabbitMQ did. */
  service: string | null;
  version: string | null;
  /** `invalid-data`, `handler-failed`…; `delivery_limit` and the like where RabbitMQ gave it up; null: unknown. */
  code: string | null;
  reason: string;
  /** How often a handler tried; null where RabbitMQ gave it up. */
  attempts: number | null;
  /** ISO 8601. */
  firstFailedAt: string | null;
  failedAt: string | null;
  /** How often an operator has sent it back. */
  replays: number;
  /** Of the body. */
  bytes: number;
}

const REPLAYS = 'x-replays';

/** A message as RabbitMQ gives it: any content, any headers. */
export type DeadMessage = Pick<Message, 'content' | 'properties'>;

/** Reads what the consumer, or RabbitMQ itself, has written on a dead letter. Never throws. */
export function readDeadLetter({ content, properties }: DeadMessage): DeadLetter {
  const headers: Record<string, unknown> = properties.headers ?? {};
  const byBroker = deathByBroker(headers);
  const attempts = headers[FAILURE_HEADERS.attempt];
  const replays = headers[REPLAYS];
  return {
    id: text(properties.messageId) ?? digestOf(content),
    event: text(properties.type),
    producer: text(properties.appId),
    service: byBroker === null ? text(headers[FAILURE_HEADERS.service]) : null,
    version: byBroker === null ? text(headers[FAILURE_HEADERS.version]) : null,
    code: byBroker?.code ?? text(headers[FAILURE_HEADERS.code]),
    reason: byBroker?.reason ?? text(headers[FAILURE_HEADERS.reason]) ?? 'nothing is written on it',
    attempts: byBroker === null && typeof attempts === 'number' ? attempts : null,
    firstFailedAt: text(headers[FAILURE_HEADERS.firstFailedAt]),
    failedAt: byBroker?.at ?? text(headers[FAILURE_HEADERS.failedAt]),
    replays: typeof replays === 'number' ? replays : 0,
    bytes: content.length,
  };
}

/** The properties with which a dead letter goes back to its queue: those it had before it failed, and how often. */
export function replayedProperties(message: DeadMessage): Options.Publish {
  const { messageId } = message.properties;
  return {
    ...ownProperties(message.properties),
    ...(messageId === undefined ? {} : { messageId }),
    persistent: true,
    headers: { ...eventHeaders(message), [REPLAYS]: readDeadLetter(message).replays + 1 },
  };
}

const NOT_OF_EVENT = new Set<string>([...Object.values(FAILURE_HEADERS), REPLAYS]);

/** The headers that its publisher has given it. */
export function eventHeaders({ properties }: DeadMessage): Record<string, unknown> {
  const headers = Object.entries(ownHeaders(properties.headers ?? {}));
  return Object.fromEntries(headers.filter(([name]) => !NOT_OF_EVENT.has(name)));
}

const BROKER_REASONS: Record<string, string> = {
  delivery_limit: 'its consumers ended, or lost their connection, each time they had it',
  rejected: 'its consumer rejected it',
  maxlen: 'the queue was full',
  expired: 'it waited too long',
};

/** RabbitMQ adds an account of the journey; a consumer that gives a message up removes it. */
function deathByBroker(
  headers: Record<string, unknown>,
): { code: string; reason: string; at: string | null } | null {
  const deaths: unknown = headers['x-death'];
  const latest: unknown = Array.isArray(deaths) ? deaths[0] : null;
  if (typeof latest !== 'object' || latest === null || !('reason' in latest)) return null;
  const code = String(latest.reason);
  const time: unknown = 'time' in latest ? latest.time : null;
  const seconds =
    typeof time === 'object' && time !== null && 'value' in time ? Number(time.value) : Number.NaN;
  return {
    code,
    reason: `RabbitMQ gave it up: ${BROKER_REASONS[code] ?? code}`,
    at: Number.isSafeInteger(seconds) && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : null,
  };
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
