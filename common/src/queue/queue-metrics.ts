import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Outcome = 'done' | 'duplicate' | 'ignored' | 'retried' | 'dead';

export interface QueueMetrics {
  published(event: string, ms: number): void;
  unroutable(event: string): void;
  /** It is handled for the first time, so long after it happened. */
  waited(event: string, ms: number): void;
  handled(event: string, outcome: Outcome, ms: number | null): void;
}

export interface QueueGauges {
  connected(): boolean;
  /** Null for a service without an outbox. */
  outbox: (() => Promise<{ depth: number; oldestMs: number; aside: number }>) | null;
}

/** Seconds: a confirmation takes milliseconds, a handler may take half a minute. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Seconds: milliseconds where all is well, hours after an outage. */
const WAIT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

export function createQueueMetrics(registry: Registry, gauges: QueueGauges): QueueMetrics {
  const registers = [registry];
  const published = new Histogram({
    name: 'events_publish_duration_seconds',
    help: 'Time from sending an event to the confirmation of RabbitMQ',
    labelNames: ['event'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const publishedTotal = new Counter({
    name: 'events_published_total',
    help: 'Events that RabbitMQ has confirmed',
    labelNames: ['event'],
    registers,
  });
  const unroutable = new Counter({
    name: 'events_unroutable_total',
    help: 'Events that no queue received when they were published',
    labelNames: ['event'],
    registers,
  });
  const handled = new Counter({
    name: 'events_handled_total',
    help: 'Messages by what became of them',
    labelNames: ['event', 'outcome'],
    registers,
  });
  const handling = new Histogram({
    name: 'events_handler_duration_seconds',
    help: 'Time that the handler of a message took',
    labelNames: ['event', 'outcome'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const waiting = new Histogram({
    name: 'events_wait_duration_seconds',
    help: 'Time from the change that an event tells of to the first attempt to handle it',
    labelNames: ['event'],
    buckets: WAIT_BUCKETS,
    registers,
  });
  addGauges(registry, gauges);
  return {
    published(event, ms) {
      publishedTotal.inc({ event });
      published.observe({ event }, ms / 1000);
    },
    unroutable(event) {
      unroutable.inc({ event });
    },
    waited(event, ms) {
      waiting.observe({ event }, ms / 1000);
    },
    handled(event, outcome, ms) {
      handled.inc({ event, outcome });
      if (ms !== null) handling.observe({ event, outcome }, ms / 1000);
    },
  };
}

function addGauges(registry: Registry, { connected, outbox }: QueueGauges): void {
  const registers = [registry];
  new Gauge({
    name: 'events_broker_connected',
    help: '1 while there is a connection to RabbitMQ',
    registers,
    collect() {
      this.set(connected() ? 1 : 0);
    },
  });
  if (outbox === null) return;
  const oldest = new Gauge({
    name: 'events_outbox_oldest_seconds',
    help: 'Age of the oldest event that waits for RabbitMQ',
    registers,
  });
  const aside = new Gauge({
    name: 'events_set_aside',
    help: 'Events that no queue receives, to be tried again',
    registers,
  });
  new Gauge({
    name: 'events_outbox_depth',
    help: 'Events that wait for RabbitMQ',
    registers,
    async collect() {
      // While Redis is away the last known numbers stay.
      const size = await outbox().catch(() => null);
      if (size === null) return;
      this.set(size.depth);
      oldest.set(size.oldestMs / 1000);
      aside.set(size.aside);
    },
  });
}
