import { Gauge } from 'prom-client';
import { Counts } from '../metrics/counts.ts';
import { Durations } from '../metrics/durations.ts';
import type { Metrics } from '../metrics/metrics.ts';

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

/** A confirmation takes milliseconds, a handler may take half a minute. */
const LATENCY_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Milliseconds where all is well, hours after an outage. */
const WAIT_BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

export function createQueueMetrics(metrics: Metrics, gauges: QueueGauges): QueueMetrics {
  const published = metrics.add(
    new Durations({
      name: 'events_publish_duration_seconds',
      help: 'Time from sending an event to the confirmation of RabbitMQ',
      labels: ['event'],
      boundsS: LATENCY_BOUNDS_S,
    }),
  );
  const publishedTotal = metrics.add(
    new Counts({
      name: 'events_published_total',
      help: 'Events that RabbitMQ has confirmed',
      labels: ['event'],
    }),
  );
  const unroutable = metrics.add(
    new Counts({
      name: 'events_unroutable_total',
      help: 'Events that no queue received when they were published',
      labels: ['event'],
    }),
  );
  const handled = metrics.add(
    new Counts({
      name: 'events_handled_total',
      help: 'Messages by what became of them',
      labels: ['event', 'outcome'],
    }),
  );
  const handling = metrics.add(
    new Durations({
      name: 'events_handler_duration_seconds',
      help: 'Time that the handler of a message took',
      labels: ['event', 'outcome'],
      boundsS: LATENCY_BOUNDS_S,
    }),
  );
  const waiting = metrics.add(
    new Durations({
      name: 'events_wait_duration_seconds',
      help: 'Time from the change that an event tells of to the first attempt to handle it',
      labels: ['event'],
      boundsS: WAIT_BOUNDS_S,
    }),
  );
  addGauges(metrics, gauges);
  return {
    published(event, ms) {
      publishedTotal.add(event);
      published.add(ms, event);
    },
    unroutable(event) {
      unroutable.add(event);
    },
    waited(event, ms) {
      waiting.add(ms, event);
    },
    handled(event, outcome, ms) {
      handled.add(event, outcome);
      if (ms !== null) handling.add(ms, event, outcome);
    },
  };
}

function addGauges(metrics: Metrics, { connected, outbox }: QueueGauges): void {
  const registers = [metrics];
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
