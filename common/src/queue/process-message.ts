import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeMessage } from 'amqplib';
import type { Logger } from '../log.ts';
import { UnavailableError } from '../unavailable.ts';
import type { ChangeOfMessage } from './change.ts';
import { type Failure, failureOf, type HandlerIdentity, nextStop } from './failure.ts';
import type { EventHandler } from './handlers.ts';
import type { Inbox } from './inbox.ts';
import { type AcceptedMessage, acceptMessage } from './incoming.ts';
import { type ReceivedMeta, readMeta } from './message.ts';
import { type Publisher, UnroutableError } from './publisher.ts';
import type { Outcome, QueueMetrics } from './queue-metrics.ts';
import type { QueueNames } from './queue-names.ts';
import { runHandler } from './run-handler.ts';
import { pauseMs } from './waiting.ts';

export interface Processing {
  handlers: readonly EventHandler[];
  /** Null for a service without a Redis: it may handle a message more than once. */
  inbox: Inbox | null;
  change: ChangeOfMessage;
  publisher: Publisher;
  metrics: QueueMetrics;
  identity: HandlerIdentity;
  log: Logger;
}

export interface Signals {
  /** The message is no longer ours: RabbitMQ gives it to somebody else. */
  lost: AbortSignal;
  /** That, or the service stops and begins with nothing new. */
  lostOrStopping: AbortSignal;
}

/**
 * Handles one message to the end: when this resolves, the message may be acknowledged, because it is done, waits for its
 * next attempt, or is among the dead letters.
 *
 * @throws the reason of one of the signals
 */
export async function processMessage(
  message: ConsumeMessage,
  names: QueueNames,
  processing: Processing,
  signals: Signals,
): Promise<Outcome> {
  const { handlers, metrics } = processing;
  const started = performance.now();
  const accepted = accept(message, handlers);
  if (accepted === null) {
    metrics.handled('other', 'ignored', null);
    return 'ignored';
  }
  if ('code' in accepted) {
    const outcome = await passOn(message, accepted, names, processing, signals.lost);
    const known = handlers.some(({ eventName }) => eventName === message.properties.type);
    metrics.handled(known ? String(message.properties.type) : 'other', outcome, null);
    return outcome;
  }
  const outcome = await handle(message, accepted, names, processing, signals);
  metrics.handled(accepted.meta.event, outcome, performance.now() - started);
  return outcome;
}

function accept(
  message: ConsumeMessage,
  handlers: readonly EventHandler[],
): AcceptedMessage | Failure | null {
  try {
    return acceptMessage(message, handlers);
  } catch (error) {
    return failureOf(error, 1, null);
  }
}

async function handle(
  message: ConsumeMessage,
  accepted: AcceptedMessage,
  names: QueueNames,
  processing: Processing,
  { lost, lostOrStopping }: Signals,
): Promise<Outcome> {
  const { inbox, change, metrics, log } = processing;
  const { id } = accepted.meta;
  if (inbox !== null) {
    const claim = await insist(() => inbox.claim(id, lostOrStopping), lostOrStopping);
    if (claim === 'done') return 'duplicate';
  }
  observeWait(accepted.meta, metrics);
  const result = await runHandler(accepted, change, log);
  if (result.state === 'failed') {
    try {
      return await passOn(message, result.failure, names, processing, lost);
    } finally {
      await inbox?.release(id);
    }
  }
  const marked = result.state === 'already done' || result.marked;
  if (marked) inbox?.forget(id);
  else if (inbox !== null) await insist(() => inbox.finish(id), lost);
  return result.state === 'done' ? 'done' : 'duplicate';
}

/** Clocks of two machines may differ by more than an event waits; a message of somebody else may not say its time. */
function observeWait({ event, attempt, occurredAt }: ReceivedMeta, metrics: QueueMetrics): void {
  const happened = Date.parse(occurredAt);
  if (attempt === 1 && !Number.isNaN(happened)) metrics.waited(event, Math.max(0, Date.now() - happened));
}

/** Brings a failed message to the queue of its next wait, or to the dead letters. */
async function passOn(
  message: ConsumeMessage,
  failure: Failure,
  names: QueueNames,
  { publisher, identity, log }: Processing,
  lost: AbortSignal,
): Promise<Outcome> {
  const next = nextStop(message, failure, names, identity);
  const meta = readMeta(message.properties);
  const details = {
    messageId: meta?.id,
    event: meta?.event,
    requestId: meta?.requestId,
    traceId: meta?.traceparent.split('-')[1],
    queue: names.queue,
    attempt: failure.attempt,
    code: failure.code,
    reason: failure.reason,
  };
  if (next.dead) log.error(details, 'a message goes to the dead letters');
  else log.warn({ ...details, next: next.message.routingKey }, 'a message is tried again later');
  await insist(async () => {
    await publisher.wait(lost);
    await publisher.publish(next.message);
  }, lost);
  return next.dead ? 'dead' : 'retried';
}

/**
 * Until it works: a message whose fate is not written down may not be acknowledged, and giving it back would use up one of
 * its deliveries.
 */
async function insist<Result>(work: () => Promise<Result>, lost: AbortSignal): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      const temporary = error instanceof UnavailableError || error instanceof UnroutableError;
      if (lost.aborted || !temporary) throw error;
      await sleep(pauseMs(failures), undefined, { signal: lost });
    }
  }
}
