import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { acquireLease, type Lease, LeaseLost } from '../redis/lease.ts';
import type { Redis } from '../redis/redis.ts';
import { ASIDE, OUTBOX, RELAY_LEASE } from './keys.ts';
import { propertiesOf } from './message.ts';
import { createOutbox, type OutboxEntry } from './outbox.ts';
import { type Publisher, UnroutableError } from './publisher.ts';
import type { QueueMetrics } from './queue-metrics.ts';
import { pauseMs, within, withSignal } from './waiting.ts';

export interface RelayOptions {
  redis: Redis;
  /** A connection of its own: it is blocked while there is nothing to do. */
  waiting: Redis;
  publisher: Publisher;
  exchange: string;
  metrics: QueueMetrics;
  log: Logger;
  /** An instance that died is succeeded after this. */
  leaseMs?: number;
  /** How often what nobody consumed is tried again. */
  asideEveryMs?: number;
}

const LEASE_MS = 5_000;
const ASIDE_EVERY_MS = 60_000;
/** A message that is not confirmed in this time is published again, with the same id. */
const CONFIRM_TIMEOUT_MS = 15_000;
const BATCH = 500;
/** Of message bodies on the way at once. */
const BATCH_BYTES = 8 * 1024 * 1024;

type PublishOutcome = 'stored' | 'unroutable' | 'failed';

/**
 * Brings the events of the outbox to RabbitMQ, on one instance of a service at a time, and removes them when RabbitMQ has
 * confirmed that they are stored. Events of one key go one after the other, all others together.
 *
 * @returns ends it, after what is on the way
 */
export function startRelay(options: RelayOptions): () => Promise<void> {
  const { redis, publisher, exchange, metrics, log } = options;
  const leaseMs = options.leaseMs ?? LEASE_MS;
  const asideEveryMs = options.asideEveryMs ?? ASIDE_EVERY_MS;
  const ended = new AbortController();
  const { signal } = ended;
  const outbox = createOutbox(redis);
  const { waitForMore } = createOutbox(options.waiting);
  let lease: Lease | null = null;
  let asideAt = performance.now() + asideEveryMs;
  const complained = new Set<string>();

  /** Takes the lease, or renews it when a third of it has passed. Null when another instance has it. */
  async function hold(): Promise<Lease | null> {
    if (lease !== null && performance.now() < lease.heldUntil - (leaseMs * 2) / 3) return lease;
    if (lease === null || !(await lease.renew())) lease = await acquireLease(redis, RELAY_LEASE, leaseMs);
    return lease;
  }

  /** @returns whether it is stored, or was set aside */
  async function publish(entry: OutboxEntry): Promise<PublishOutcome> {
    const { meta, sequence, body } = entry;
    const started = performance.now();
    try {
      await publisher.publish({
        exchange,
        routingKey: meta.event,
        content: Buffer.from(body),
        properties: propertiesOf(meta, sequence),
      });
      metrics.published(meta.event, performance.now() - started);
      return 'stored';
    } catch (error) {
      return error instanceof UnroutableError ? 'unroutable' : 'failed';
    }
  }

  async function publishOutbox(held: Lease): Promise<void> {
    const entries = withinBytes(await outbox.read(OUTBOX, BATCH));
    const last = new Map<string, Promise<PublishOutcome>>();
    const outcomes = await settled(
      entries.map((entry) => {
        const before = entry.key === '' ? undefined : last.get(entry.key);
        // Once the first of a key has failed, the next must not overtake it.
        const outcome =
          before?.then((state) => (state === 'failed' ? state : publish(entry))) ?? publish(entry);
        last.set(entry.key, outcome);
        return outcome;
      }),
    );
    const stored = entries.filter((_, index) => outcomes[index] === 'stored');
    await outbox.remove(OUTBOX, ids(stored), held);
    for (const entry of entries.filter((_, index) => outcomes[index] === 'unroutable')) {
      await outbox.setAside(entry.id, held);
      metrics.unroutable(entry.meta.event);
      if (complained.has(entry.meta.event)) continue;
      complained.add(entry.meta.event);
      log.warn({ event: entry.meta.event }, 'no queue receives this event; it is set aside and tried again');
    }
    if (outcomes.includes('failed')) throw new Error('some events were not confirmed');
  }

  async function publishAside(): Promise<void> {
    asideAt = performance.now() + asideEveryMs;
    const forgotten = await outbox.forgetOld();
    if (forgotten > 0) log.error({ events: forgotten }, 'events that nobody consumed for a day were dropped');
    let entries = withinBytes(await outbox.read(ASIDE, BATCH));
    while (entries.length > 0 && !signal.aborted) {
      const held = await hold();
      if (held === null) return;
      const outcomes = await settled(entries.map(publish));
      const stored = entries.filter((_, index) => outcomes[index] === 'stored');
      await outbox.remove(ASIDE, ids(stored), held);
      for (const { meta } of stored) complained.delete(meta.event);
      entries = withinBytes(await outbox.read(ASIDE, BATCH, entries.at(-1)?.id));
    }
  }

  async function turn(): Promise<void> {
    if (!publisher.ready) {
      // Another instance may still have a connection.
      await lease?.release();
      lease = null;
      await publisher.wait(signal);
    }
    if ((await hold()) === null) {
      await sleep(leaseMs * (0.1 + Math.random() / 10), undefined, { signal });
      return;
    }
    if (performance.now() > asideAt) await publishAside();
    await withSignal(waitForMore(), signal);
    const held = await hold();
    if (held !== null) await publishOutbox(held);
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await turn();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof LeaseLost) lease = null;
        failures++;
        log.debug({ err: error }, 'the outbox is tried again');
        await sleep(pauseMs(failures), undefined, { signal }).catch(() => {});
      }
    }
  }

  const running = run();
  return async () => {
    ended.abort();
    await running;
    if (lease === null) return;
    // The last requests may have written something, and there may be no other instance.
    if (publisher.ready) await publishOutbox(lease).catch(() => {});
    await lease.release().catch(() => {});
  };
}

/** What became of each, as far as it is known in time: a queue that does not answer must not hold up the others. */
async function settled(publishing: readonly Promise<PublishOutcome>[]): Promise<PublishOutcome[]> {
  const outcomes = publishing.map((): PublishOutcome => 'failed');
  const all = Promise.all(
    publishing.map(async (each, index) => {
      outcomes[index] = await each;
    }),
  );
  await within(all, CONFIRM_TIMEOUT_MS);
  return [...outcomes];
}

const ids = (entries: readonly OutboxEntry[]) => entries.map(({ id }) => id);

/** The first ones whose bodies fit into a batch together, at least one. */
function withinBytes(entries: readonly OutboxEntry[]): OutboxEntry[] {
  let bytes = 0;
  return entries.filter(({ body }, index) => {
    bytes += Buffer.byteLength(body);
    return index === 0 || bytes <= BATCH_BYTES;
  });
}
