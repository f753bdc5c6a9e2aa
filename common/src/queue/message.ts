import type { MessageProperties, Options } from 'amqplib';
import { currentRequest } from '../request-context.ts';
import { type Static, Type } from '../schema.ts';
import { readTraceContext, traceHeaders } from '../trace-context.ts';
import { validatorOf } from '../validator.ts';
import type { EventDraft } from './event.ts';
import { FAILURE_HEADERS } from './failure-headers.ts';
import { createMessageId, isMessageId } from './message-id.ts';

const MetaSchema = Type.Object({
  id: Type.String(),
  event: Type.String(),
  version: Type.Integer(),
  producer: Type.String(),
  /** ISO 8601, to the millisecond. */
  occurredAt: Type.String(),
  traceparent: Type.String(),
  tracestate: Type.Optional(Type.String()),
  requestId: Type.Optional(Type.String()),
  userId: Type.Optional(Type.String()),
});

/** What is known of a message besides its data. */
export type MessageMeta = Static<typeof MetaSchema>;

export const isMessageMeta = validatorOf(MetaSchema);

/** The message of an event that happens now, as a part of the current request. */
export function metaOf({ event, version }: EventDraft, producer: string): MessageMeta {
  const request = currentRequest();
  const { traceparent = '', tracestate } = traceHeaders(
    request?.trace ?? readTraceContext(undefined, undefined),
  );
  return {
    id: createMessageId(),
    event,
    version,
    producer,
    occurredAt: new Date().toISOString(),
    traceparent,
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(request === undefined ? {} : { requestId: request.requestId }),
    ...(request?.userId === undefined ? {} : { userId: request.userId }),
  };
}

/** @param sequence grows with every event of the producer */
export function propertiesOf(meta: MessageMeta, sequence: string): Options.Publish {
  return {
    messageId: meta.id,
    type: meta.event,
    appId: meta.producer,
    timestamp: Math.floor(Date.parse(meta.occurredAt) / 1000),
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    persistent: true,
    headers: {
      'x-event-version': meta.version,
      'x-occurred-at': meta.occurredAt,
      'x-sequence': sequence,
      traceparent: meta.traceparent,
      ...(meta.tracestate === undefined ? {} : { tracestate: meta.tracestate }),
      ...(meta.requestId === undefined ? {} : { 'x-request-id': meta.requestId }),
      ...(meta.userId === undefined ? {} : { 'x-user-id': meta.userId }),
    },
  };
}

/** A message as it came, before its content was looked at. */
export interface ReceivedMeta extends MessageMeta {
  /** `1700000000000-0`; one that cannot be read is older than any other. */
  sequence: string;
  /** 1 the first time. */
  attempt: number;
  /** When the first attempt failed, ISO 8601; null while none has. */
  firstFailedAt: string | null;
}

/** Reads the properties of a message; null when they are not those of an event. */
export function readMeta(properties: MessageProperties): ReceivedMeta | null {
  const { messageId, type } = properties;
  const headers = properties.headers ?? {};
  const version: unknown = headers['x-event-version'];
  if (!isMessageId(messageId) || typeof type !== 'string' || type === '') return null;
  if (typeof version !== 'number' || !Number.isInteger(version)) return null;
  const failed = headers[FAILURE_HEADERS.attempt];
  return {
    id: messageId,
    event: type,
    version,
    producer: text(properties.appId) ?? '',
    occurredAt: text(headers['x-occurred-at']) ?? '',
    sequence: sequenceOf(headers['x-sequence']),
    traceparent: text(headers.traceparent) ?? '',
    ...optional('tracestate', headers.tracestate),
    ...optional('requestId', headers['x-request-id']),
    ...optional('userId', headers['x-user-id']),
    attempt: typeof failed === 'number' && Number.isInteger(failed) && failed > 0 ? failed + 1 : 1,
    firstFailedAt: text(headers[FAILURE_HEADERS.firstFailedAt]) ?? null,
  };
}

/** Handlers compare it, also in Lua: it has its form, whatever came. */
function sequenceOf(value: unknown): string {
  return /^\d{1,15}-\d{1,15}$/.test(text(value) ?? '') ? String(value) : '0-0';
}

/** Longest text of a header that goes into logs and contexts. */
const LONGEST = 512;

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST ? value : undefined;
}

function optional<Key extends string>(key: Key, value: unknown): { [K in Key]?: string } {
  const given = text(value);
  const empty: { [K in Key]?: string } = {};
  return given === undefined ? empty : { ...empty, [key]: given };
}
