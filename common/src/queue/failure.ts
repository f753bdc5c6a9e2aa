import type { ConsumeMessage } from 'amqplib';
import { Problem } from '../http/problem.ts';
import { FAILURE_HEADERS, ownHeaders, ownProperties } from './failure-headers.ts';
import { Rejected } from './handlers.ts';
import type { OutgoingMessage } from './publisher.ts';
import type { QueueNames } from './queue-names.ts';

/** Why a message was not handled. */
export interface Failure {
  code: string;
  reason: string;
  /** How many attempts were made, this one included. */
  attempt: number;
  firstFailedAt: string | null;
  /** Another attempt would end the same way. */
  final: boolean;
}

/** Who failed. */
export interface HandlerIdentity {
  service: string;
  version: string;
}

/** The handler did not end in time. */
export class HandlerTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`the handler took longer than ${timeoutMs} ms`);
    this.name = 'HandlerTimeout';
  }
}

const LONGEST_REASON = 1_000;

/** @param thrown anything: a handler may throw what it likes */
export function failureOf(thrown: unknown, attempt: number, firstFailedAt: string | null): Failure {
  const shared = { reason: reasonOf(thrown).slice(0, LONGEST_REASON), attempt, firstFailedAt };
  if (thrown instanceof Rejected) return { ...shared, code: thrown.code, final: true };
  if (thrown instanceof HandlerTimeout) return { ...shared, code: 'handler-timeout', final: false };
  return { ...shared, code: 'handler-failed', final: false };
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof Problem) return `${thrown.type.code}: ${thrown.message}`;
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  try {
    return `not an error was thrown: ${JSON.stringify(thrown) ?? String(thrown)}`;
  } catch {
    return `not an error was thrown: ${typeof thrown}`;
  }
}

/** Where a failed message goes next: the queue of the next wait, or the dead letters. */
export function nextStop(
  message: ConsumeMessage,
  failure: Failure,
  names: QueueNames,
  by: HandlerIdentity,
): { dead: boolean; message: OutgoingMessage } {
  const wait = failure.final ? undefined : names.retries[failure.attempt - 1];
  const { properties, content } = message;
  const now = new Date().toISOString();
  return {
    dead: wait === undefined,
    message: {
      exchange: '',
      routingKey: wait ?? names.dead,
      content,
      properties: {
        ...ownProperties(properties),
        persistent: true,
        mandatory: true,
        messageId: typeof properties.messageId === 'string' ? properties.messageId : '',
        headers: {
          ...ownHeaders(properties.headers ?? {}),
          [FAILURE_HEADERS.attempt]: failure.attempt,
          [FAILURE_HEADERS.firstFailedAt]: failure.firstFailedAt ?? now,
          [FAILURE_HEADERS.failedAt]: now,
          [FAILURE_HEADERS.code]: failure.code,
          [FAILURE_HEADERS.reason]: failure.reason,
          [FAILURE_HEADERS.queue]: names.queue,
          [FAILURE_HEADERS.service]: by.service,
          [FAILURE_HEADERS.version]: by.version,
        },
      },
    },
  };
}
