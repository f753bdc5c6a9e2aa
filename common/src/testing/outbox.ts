import type { Redis } from 'ioredis';
import { OUTBOX } from '../queue/keys.ts';
import { isMessageMeta } from '../queue/message.ts';

export interface WaitingEvent {
  name: string;
  version: number;
  data: unknown;
}

/**
 * The events in the outbox of a service, the oldest first. They stay there while RabbitMQ is away, so that a test can
 * give RABBITMQ_URL an address where nobody listens, and see here what was published.
 */
export async function outboxOf(redis: Redis): Promise<WaitingEvent[]> {
  const entries = await redis.xrange(OUTBOX, '-', '+');
  return entries.map(([, [, written = 'null', , body = 'null']]) => {
    const meta: unknown = JSON.parse(written);
    if (!isMessageMeta(meta)) throw new Error('the outbox has an entry that is no event');
    return { name: meta.event, version: meta.version, data: JSON.parse(body) };
  });
}
