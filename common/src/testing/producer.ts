import { createStaticDiscovery } from '../discovery/discovery.ts';
import type { EventDraft, EventKind } from '../queue/event.ts';
import { defineService, type ServiceContext } from '../service.ts';
import { noKeys } from '../tokens/key-set.ts';
import { startRedis } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

/** Stands in for the services whose events a test needs. */
export interface Producer {
  /** Resolves when they are in its outbox; they are published in their order. */
  publish(...drafts: EventDraft[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A service with a Redis of its own that publishes these events, to the RabbitMQ at `url`. */
export async function startProducer(url: string, publishes: readonly EventKind[]): Promise<Producer> {
  const redis = await startRedis();
  const { promise, resolve } = Promise.withResolvers<ServiceContext<Record<never, never>, never>>();
  const service = await defineService({
    name: 'producer',
    description: 'Publishes what other services publish.',
    redis: true,
    publishes,
    tokenKeys: noKeys,
    routes: (_app, context) => resolve(context),
  }).build({
    env: { REDIS_URL: redis.url, RABBITMQ_URL: url, LOG_LEVEL: 'silent' },
    discovery: createStaticDiscovery({}),
  });
  const context = await promise;
  await waitFor('the Redis of the producer', () => context.redis.ping());
  return {
    async publish(...drafts) {
      for (const draft of drafts) await context.change({ publish: [draft] });
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      await redis[Symbol.asyncDispose]();
    },
  };
}
