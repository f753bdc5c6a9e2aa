import { randomUUID } from 'node:crypto';
import { type Channel, type ConsumeMessage, connect, type Options } from 'amqplib';
import {
  type BuiltService,
  createStaticDiscovery,
  defineService,
  type EventHandler,
  type EventKind,
  noKeys,
  type ServiceContext,
} from '../../src/index.ts';
import { createMessageId } from '../../src/queue/message-id.ts';
import {
  collectLog,
  declareQueues,
  type LogLines,
  type QueueToDeclare,
  type TestRedis,
  waitFor,
} from '../../src/testing/index.ts';
import { thingMade, thingMoved } from './events.ts';

export { thingMade, thingMoved };

type Context = ServiceContext<Record<never, never>, never>;

export interface PlayerOptions {
  /** Of RabbitMQ. */
  url: string;
  redis?: TestRedis | null;
  publishes?: readonly EventKind[];
  consumes?: (context: Context) => readonly EventHandler[];
  /** Declared before the service starts. */
  queues?: readonly QueueToDeclare[];
  /** Declared too, but somebody else's. */
  otherQueues?: readonly QueueToDeclare[];
  /** False: RabbitMQ has what it needs already, or is away. */
  declare?: boolean;
  env?: Record<string, string>;
}

export interface Player {
  service: BuiltService;
  context: Context;
  log: LogLines;
  /** A line of `/metrics`, its labels as they stand there; null when there is none. */
  metric(name: string, ...labels: string[]): Promise<number | null>;
  ready(): Promise<{ status: number; checks: Record<string, string> }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A service of a test, with a part in what goes on. */
export async function startPlayer(options: PlayerOptions): Promise<Player> {
  const { url, redis = null, publishes = [thingMade, thingMoved], consumes, queues = [], env = {} } = options;
  const log = collectLog();
  const declared = options.declare === false ? '[]' : await declareQueues(url, queues);
  if (options.declare !== false) await declareQueues(url, options.otherQueues ?? []);
  const { promise, resolve } = Promise.withResolvers<Context>();
  const definition = defineService({
    name: 'player',
    description: '',
    redis: redis !== null,
    publishes,
    tokenKeys: noKeys,
    ...(consumes === undefined ? {} : { consumes }),
    routes: (_app, context) => resolve(context),
  });
  const service = await definition.build({
    env: {
      RABBITMQ_URL: url,
      QUEUES: declared,
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
      ...env,
    },
    discovery: createStaticDiscovery({}),
    logOutput: log,
  });
  const context = await promise;
  if (redis !== null) await waitFor('connected to Redis', () => context.redis.ping());
  let stopped = false;
  return {
    service,
    context,
    log,
    async metric(name, ...labels) {
      const text = (await service.app.inject('/metrics')).body;
      const line = text
        .split('\n')
        .find((each) => each.startsWith(`${name}{`) && labels.every((label) => each.includes(label)));
      return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ')));
    },
    async ready() {
      const answer = await service.app.inject('/healthz/ready');
      return { status: answer.statusCode, checks: answer.json().checks };
    },
    async [Symbol.asyncDispose]() {
      if (stopped) return;
      stopped = true;
      await service.stop();
    },
  };
}

/** Somebody who speaks AMQP and is not ours. */
export interface Outsider {
  readonly channel: Channel;
  send(queue: string, content: string | Buffer, properties?: Options.Publish): void;
  /** Takes one message from a queue; null when it is empty. */
  take(queue: string): Promise<Pick<ConsumeMessage, 'content' | 'properties'> | null>;
  depth(queue: string): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startOutsider(url: string): Promise<Outsider> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  return {
    channel,
    send(queue, content, properties = {}) {
      channel.sendToQueue(queue, Buffer.from(content), { persistent: true, ...properties });
    },
    async take(queue) {
      const message = await channel.get(queue, { noAck: true });
      return message === false ? null : message;
    },
    async depth(queue) {
      return (await channel.checkQueue(queue)).messageCount;
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
    },
  };
}

/** Properties of a message as our services publish them. */
export function eventProperties(
  type: string,
  version = 1,
  headers: Record<string, unknown> = {},
): Options.Publish & { messageId: string } {
  return {
    messageId: createMessageId(),
    type,
    appId: 'outsider',
    contentType: 'application/json',
    headers: { 'x-event-version': version, 'x-sequence': '1-0', ...headers },
  };
}

/** A name for a queue that no other test uses. */
export const newQueue = (name = 'player'): string => `${name}.${randomUUID().slice(0, 8)}`;
