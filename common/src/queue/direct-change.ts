import { UnavailableError } from '../unavailable.ts';
import { type ChangeOfMessage, declarationsOf } from './change.ts';
import type { EventDraft, EventKind } from './event.ts';
import { metaOf, propertiesOf } from './message.ts';
import { timeOfMessageId } from './message-id.ts';
import type { Publisher } from './publisher.ts';
import type { QueueMetrics } from './queue-metrics.ts';
import { within } from './waiting.ts';

export interface DirectPublishing {
  exchange: string;
  publisher: Publisher;
  metrics: QueueMetrics;
}

/** A publication that is not confirmed in this time has failed, as far as the caller is concerned. */
const CONFIRM_TIMEOUT_MS = 5_000;

/**
 * For services that have no Redis: publishes at once. Rejects with UnavailableError when it is not certain that RabbitMQ
 * has stored the event, and with UnroutableError when nobody receives it.
 */
export function createDirectChange(
  producer: string,
  publishes: readonly EventKind[],
  publishing: DirectPublishing,
): ChangeOfMessage {
  const isDeclared = declarationsOf(publishes);
  return async (request) => {
    if ('script' in request || request.commands !== undefined) {
      throw new Error(`the service ${producer} does not declare "redis: true"`);
    }
    for (const draft of (request.publish ?? []).filter(isDeclared)) {
      await publishDirectly(draft, producer, publishing);
    }
    return null;
  };
}

async function publishDirectly(
  draft: EventDraft,
  producer: string,
  { exchange, publisher, metrics }: DirectPublishing,
): Promise<void> {
  const meta = metaOf(draft, producer);
  const started = performance.now();
  const published = publisher.publish({
    exchange,
    routingKey: meta.event,
    content: Buffer.from(draft.body),
    properties: propertiesOf(meta, `${timeOfMessageId(meta.id)}-0`),
  });
  if ((await within(published, CONFIRM_TIMEOUT_MS)) === null) {
    throw new UnavailableError('rabbitmq', `no confirmation within ${CONFIRM_TIMEOUT_MS} ms`);
  }
  metrics.published(meta.event, performance.now() - started);
}
