import { type BuiltService, createStaticDiscovery, type EventDraft } from '@tandem/common';
import {
  collectLog,
  createTokenIssuer,
  declareQueues,
  type LogLines,
  sharedRabbitmq,
  startProducer,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  untilReady,
} from '@tandem/common/testing';
import { userRegistered } from '../src/contracts/auth.ts';
import { roomChanged, roomClosed, roomCreated, roomInvited, roomUninvited } from '../src/contracts/rooms.ts';
import { userRenamed } from '../src/contracts/users.ts';
import { search } from '../src/service.ts';

const events = [
  userRegistered,
  userRenamed,
  roomChanged,
  roomClosed,
  roomCreated,
  roomInvited,
  roomUninvited,
];

export interface Running {
  service: BuiltService;
  /** Another instance of the service, with the same Redis. */
  other: BuiltService;
  redis: TestRedis;
  issuer: TokenIssuer;
  log: LogLines;
  rabbitmqUrl: string;
  /** As the services do that own what happened, through RabbitMQ. */
  publish(...drafts: EventDraft[]): Promise<void>;
  /** Names found by a user. */
  find(user: string, query: string, instance?: BuiltService): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Two instances of the service, RabbitMQ, and a service that publishes. */
export async function startSearch(): Promise<Running> {
  const [rabbitmq, redis] = await Promise.all([sharedRabbitmq(), startRedis()]);
  const [issuer, log] = [createTokenIssuer(), collectLog()];
  await issuer.listen();
  const QUEUES = await declareQueues(rabbitmq.url, [
    { queue: 'search', events: events.map(({ eventName }) => eventName) },
  ]);
  const build = () =>
    search.build({
      env: { REDIS_URL: redis.url, RABBITMQ_URL: rabbitmq.url, QUEUES },
      logOutput: log,
      discovery: createStaticDiscovery({ auth: issuer.instances }),
    });
  const [service, other] = [await build(), await build()];
  const others = await startProducer(rabbitmq.url, events);
  for (const instance of [service, other]) {
    await untilReady(instance);
  }
  return {
    service,
    other,
    redis,
    issuer,
    log,
    rabbitmqUrl: rabbitmq.url,
    publish: (...drafts) => others.publish(...drafts),
    async find(user, query, instance = service) {
      const answer = await instance.app.inject({
        url: '/api/search',
        query: { q: query },
        headers: { authorization: issuer.authorization(user) },
      });
      return answer.json().results.map(({ name }: { name: string }) => name);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([service.stop(), other.stop()]);
      await issuer.close();
      for (const part of [others, redis, rabbitmq]) await part[Symbol.asyncDispose]();
    },
  };
}
