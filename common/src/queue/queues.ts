import type { BaseConfig } from '../config/base-config.ts';
import { ConfigError } from '../config/config.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Redis } from '../redis/redis.ts';
import { UnavailableError } from '../unavailable.ts';
import { mismatchesOf } from './bindings.ts';
import { brokerAddressOf } from './broker-address.ts';
import { type Change, createChange } from './change.ts';
import { connectBroker } from './connection.ts';
import { type Consumer, startConsumer } from './consumer.ts';
import { createDirectChange } from './direct-change.ts';
import type { EventKind } from './event.ts';
import type { EventHandler } from './handlers.ts';
import { createInbox } from './inbox.ts';
import { readOutboxSize } from './outbox.ts';
import { createPublisher } from './publisher.ts';
import { createQueueMetrics } from './queue-metrics.ts';
import { readQueues } from './queue-names.ts';
import { type RelayOptions, startRelay } from './relay.ts';

/** The one exchange for all events; the routing key is the name of the event. */
export const EVENTS_EXCHANGE = 'events';

export interface QueuesOptions {
  service: string;
  config: BaseConfig;
  discovery: Discovery;
  publishes: readonly EventKind[];
  handlers: readonly EventHandler[];
  /** Null for a service without a Redis. */
  redis: Redis | null;
  /** Opens one more connection to the service's Redis. */
  connectRedis: (clientName: string) => Redis;
  metrics: Metrics;
  log: Logger;
}

/** All that a service has to do with events. */
export interface Queues {
  /** Whether it has anything to do with them. */
  readonly used: boolean;
  readonly change: Change;
  /** Rejects while something stands in the way that waiting does not cure. */
  check(): Promise<void>;
  startConsuming(): void;
  /** Takes no more messages; resolves when those it had are handled. */
  stopConsuming(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws ConfigError */
export function createQueues(options: QueuesOptions): Queues {
  const { service, redis, publishes, handlers } = options;
  if (publishes.length > 0 || handlers.length > 0) return connectQueues(options);
  const write = redis === null ? null : createChange(redis, service, publishes);
  return {
    used: false,
    async change(request) {
      if (write === null) throw new Error(`the service ${service} does not declare "redis: true"`);
      return write(request, null);
    },
    check: async () => {},
    startConsuming: () => {},
    stopConsuming: async () => {},
    stop: async () => {},
  };
}

function connectQueues(options: QueuesOptions): Queues {
  const { service, config, redis, publishes, handlers, log } = options;
  const names = readQueues(config.queues);
  const mismatches = mismatchesOf(handlers, names);
  if (mismatches.length > 0) throw new ConfigError(mismatches);
  const address = brokerAddressOf(config, options.discovery);
  const connect = (purpose: string) =>
    connectBroker({
      address,
      user: config.rabbitmqUser,
      password: config.rabbitmqPassword,
      name: `${service} ${purpose}`,
      log,
    });
  // Two connections, because RabbitMQ stops reading from those that publish when it runs out of memory: acknowledgements
  // have to get through, or the queues never become shorter.
  const publishing = connect('publishes');
  const consuming = handlers.length > 0 ? connect('consumes') : null;
  const publisher = createPublisher(publishing, publishes.length > 0 ? EVENTS_EXCHANGE : null);
  const metrics = createQueueMetrics(options.metrics, {
    connected: () => publishing.connected && (consuming?.connected ?? true),
    outbox: redis === null ? null : () => readOutboxSize(redis),
  });
  const direct = { exchange: EVENTS_EXCHANGE, publisher, metrics };
  const change =
    redis === null ? createDirectChange(service, publishes, direct) : createChange(redis, service, publishes);
  const relay =
    redis === null || publishes.length === 0
      ? null
      : runRelay({ ...direct, redis, waiting: options.connectRedis(`${service} outbox`), log });
  const inbox = redis === null ? null : createInbox(redis);
  const consumers: Consumer[] = [];
  let stopped: Promise<unknown> | null = null;

  async function stopConsuming(): Promise<void> {
    stopped ??= Promise.all(consumers.map((consumer) => consumer.stop()));
    await stopped;
  }

  return {
    used: true,
    change: (request) => change(request, null),
    startConsuming() {
      if (consuming === null) return;
      const identity = { service, version: config.serviceVersion };
      const processing = { handlers, inbox, change, publisher, metrics, identity, log };
      for (const queue of names) consumers.push(startConsumer(consuming, queue, processing, log));
    },
    stopConsuming,
    async check() {
      const problem =
        publishing.refusal ??
        consuming?.refusal ??
        publisher.problem ??
        consumers.map((consumer) => consumer.problem).find((found) => found !== null);
      if (typeof problem === 'string') throw new Error(problem);
      // With an outbox, events wait until RabbitMQ is back, and requests need not.
      if (redis === null && publishes.length > 0 && !publisher.ready) {
        throw new UnavailableError('rabbitmq', 'there is no connection');
      }
    },
    async stop() {
      await stopConsuming();
      await relay?.stop();
      inbox?.close();
      await publisher.close();
      await Promise.all([publishing.close(), consuming?.close()]);
    },
  };
}

function runRelay(options: RelayOptions) {
  const stop = startRelay(options);
  return {
    async stop() {
      await stop();
      options.waiting.disconnect();
    },
  };
}
