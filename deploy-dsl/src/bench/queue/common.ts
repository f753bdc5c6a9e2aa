import {
  createStaticDiscovery,
  defineService,
  noKeys,
  on,
  Problem,
  type ServiceContext,
} from '@tandem/common';
import { benchEvent, benchText } from './event.ts';
import { queueOfProcess, report } from './process.ts';

/**
 * The same through common, in one process: without a Redis, as the bare program does, or with outbox and marks, so that
 * each event has its effect once. Prints how long it took.
 */
const { url, queues, messages, window, redis } = queueOfProcess();
let received = 0;
let published = 0;
const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
const done = () => {
  if (received >= messages && published === messages) finish();
};
const { promise: given, resolve: give } =
  Promise.withResolvers<ServiceContext<Record<never, never>, never>>();
const service = await defineService({
  name: 'bench',
  description: '',
  redis: redis !== '',
  publishes: [benchEvent],
  tokenKeys: noKeys,
  consumes: () => [
    on(benchEvent, async ({ change }) => {
      if (redis !== '') await change({ commands: [['INCR', 'handled']] });
      received++;
      done();
    }),
  ],
  routes: (_app, context) => give(context),
}).build({
  env: {
    RABBITMQ_URL: url,
    QUEUES: queues,
    LOG_LEVEL: 'warn',
    ...(redis === '' ? {} : { REDIS_URL: redis }),
  },
  discovery: createStaticDiscovery({}),
});
const { change } = await given;
// The first one comes back when everything is connected.
const settled = Promise.withResolvers<void>();
const warmUp = setInterval(() => {
  change({ publish: [benchEvent({ number: -1, text: '' })] }).then(
    () => settled.resolve(),
    () => {},
  );
}, 100);
await settled.promise;
clearInterval(warmUp);
while (received === 0) await new Promise((resolve) => setTimeout(resolve, 20));
await new Promise((resolve) => setTimeout(resolve, 300));
received = 0;

/** A full outbox refuses: the publisher is faster than RabbitMQ, and waits for it as a client of a service would. */
const publishOne = async (number: number): Promise<void> => {
  for (;;) {
    try {
      await change({ publish: [benchEvent({ number, text: benchText })] });
      return;
    } catch (error) {
      if (!(error instanceof Problem && error.type.code === 'events-not-accepted')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
};

let sent = 0;
const publish = async () => {
  while (sent < messages) {
    const number = sent++;
    await publishOne(number);
    published++;
  }
  done();
};
const startedAt = performance.now();
const publishers = Array.from({ length: window }, publish);
await finished;
report(performance.now() - startedAt);
await Promise.all(publishers);
await service.stop();
