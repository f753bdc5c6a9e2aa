import type { MessageProperties } from 'amqplib';
import { isoNow } from '../iso-now.ts';
import { currentRequest } from '../request-context.ts';
import { type Static, Type } from '../schema.ts';
import { readTraceContext, traceparentOf } from '../trace-context.ts';
import { validatorOf } from '../validator.ts';
import type { EventDraft } from './event.ts';
import { FAILURE_HEADERS } from './failure-headers.ts';
import { createMessageId, isMessageId, timeOfMessageId } from './message-id.ts';
import type { OutgoingProperties } from './publisher.ts';

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
  const trace = request?.trace ?? readTraceContext(undefined, undefined);
  const meta: MessageMeta = {
    id: createMessageId(),
    event,
    version,
    producer,
    occurredAt: isoNow(),
    traceparent: traceparentOf(trace),
  };
  if (trace.state !== null) meta.tracestate = trace.state;
  if (request !== undefined) meta.requestId = request.requestId;
  if (request?.userId !== undefined) meta.userId = request.userId;
  return meta;
}

/** @param sequence grows with every event of the producer */
export function propertiesOf(meta: MessageMeta, sequence: string): OutgoingProperties {
  const headers: Record<string, string | number> = {
    'x-event-version': meta.version,
    'x-occurred-at': meta.occurredAt,
    'x-sequence': sequence,
    traceparent: meta.traceparent,
  };
  if (meta.tracestate !== undefined) headers.tracestate = meta.tracestate;
  if (meta.requestId !== undefined) headers['x-request-id'] = meta.requestId;
  if (meta.userId !== undefined) headers['x-user-id'] = meta.userId;
  return {
    messageId: meta.id,
    type: meta.event,
    appId: meta.producer,
    timestamp: Math.floor(timeOfMessageId(meta.id) / 1000),
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    persistent: true,
    mandatory: true,
    headers,
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
  const received: ReceivedMeta = {
    id: messageId,
    event: type,
    version,
    producer: text(properties.appId) ?? '',
    occurredAt: text(headers['x-occurred-at']) ?? '',
    sequence: sequenceOf(headers['x-sequence']),
    traceparent: text(headers.traceparent) ?? '',
    attempt: typeof failed === 'number' && Number.isInteger(failed) && failed > 0 ? failed + 1 : 1,
    firstFailedAt: text(headers[FAILURE_HEADERS.firstFailedAt]) ?? null,
  };
  const tracestate = text(headers.tracestate);
  const requestId = text(headers['x-request-id']);
  const userId = text(headers['x-user-id']);
  if (tracestate !== undefined) received.tracestate = tracestate;
  if (requestId !== undefined) received.requestId = requestId;
  if (userId !== undefined) received.userId = userId;
  return received;
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
