/** What a consumer writes on a message that it could not handle. */
export const FAILURE_HEADERS = {
  attempt: 'x-attempt',
  firstFailedAt: 'x-first-failed-at',
  failedAt: 'x-failed-at',
  code: 'x-error-code',
  reason: 'x-error',
  queue: 'x-queue',
  service: 'x-service',
  version: 'x-service-version',
} as const;

/** RabbitMQ's own accounts of the journey would grow with every attempt. */
const BROKER_HEADERS = /^x-(death|delivery-count|acquired-count|first-death-|last-death-)/;

/** The headers that say what the message is, and not how it travelled. */
export function ownHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !BROKER_HEADERS.test(name)));
}

/** The properties that say what the message is; those that say how it travelled belong to one journey only. */
export function ownProperties<Value>(properties: {
  type: Value;
  appId: Value;
  timestamp: Value;
  contentType: Value;
  contentEncoding: Value;
  correlationId: Value;
}): Record<string, Value> {
  const { type, appId, timestamp, contentType, contentEncoding, correlationId } = properties;
  const all = { type, appId, timestamp, contentType, contentEncoding, correlationId };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
