import { type BuiltService, createStaticDiscovery, type EventDraft } from '@tandem/common';
import {
  askRabbitmq,
  collectLog,
  declareQueues,
  type LogLines,
  sharedRabbitmq,
  startProducer,
  startRedis,
  type TestRedis,
  untilReady,
} from '@tandem/common/testing';
import { userRegistered } from '../src/contracts/auth.ts';
import { roomInvited, roomUninvited } from '../src/contracts/rooms.ts';
import { notify } from '../src/service.ts';

const events = [userRegistered, roomInvited, roomUninvited];

/** A message as RabbitMQ's management takes it: also such that no service of ours would publish. */
export interface RawMessage {
  properties: Record<string, unknown>;
  payload: string;
}

export interface DeadLetter {
  code: string;
  reason: string;
  payload: string;
}

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  log: LogLines;
  rabbitmqUrl: string;
  /** As the services do that own what happened, through RabbitMQ. */
  publish(...drafts: EventDraft[]): Promise<void>;
  publishRaw(event: string, message: RawMessage): Promise<void>;
  /** Takes the dead letters out. */
  deadLetters(): Promise<DeadLetter[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The service beside a real Redis and a real RabbitMQ, with a service that publishes. */
export async function startNotify(env: Record<string, string>, retriesMs: number[]): Promise<Running> {
  const [rabbitmq, redis, log] = [await sharedRabbitmq(), await startRedis(), collectLog()];
  const QUEUES = await declareQueues(rabbitmq.url, [
    { queue: 'notify', events: events.map(({ eventName }) => eventName), retriesMs },
  ]);
  const service = await notify.build({
    env: {
      REDIS_URL: redis.url,
      RABBITMQ_URL: rabbitmq.url,
      QUEUES,
      MAIL_FROM: 'noreply@tandem.example',
      PUBLIC_URL: 'https://tandem.example',
      ...env,
    },
    logOutput: log,
    discovery: createStaticDiscovery({}),
  });
  await untilReady(service);
  const others = await startProducer(rabbitmq.url, events);
  return {
    service,
    redis,
    log,
    rabbitmqUrl: rabbitmq.url,
    publish: others.publish,
    async publishRaw(event, message) {
      const body = { ...message, routing_key: event, payload_encoding: 'string' };
      await askRabbitmq(rabbitmq.management, 'POST', `exchanges/${rabbitmq.name}/events/publish`, body);
    },
    async deadLetters() {
      const found = (await askRabbitmq(
        rabbitmq.management,
        'POST',
        `queues/${rabbitmq.name}/notify.dead/get`,
        { count: 100, ackmode: 'ack_requeue_false', encoding: 'auto' },
      )) as { payload: string; properties: { headers: Record<string, string> } }[];
      return found.map(({ payload, properties: { headers } }) => ({
        code: headers['x-error-code'] ?? '',
        reason: headers['x-error'] ?? '',
        payload,
      }));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([service.stop(), others[Symbol.asyncDispose]()]);
      for (const part of [redis, rabbitmq]) await part[Symbol.asyncDispose]();
    },
  };
}
