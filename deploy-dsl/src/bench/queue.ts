import { startRabbitmq, startRedis } from '@tandem/common/testing';
import type { Bench } from './bench.ts';
import { measureChaos } from './queue/chaos.ts';
import { measureThroughput } from './queue/throughput.ts';

/** Events through common: how fast against bare amqplib, and what is lost when everything is killed. */
export const queue: Bench = {
  async run(context) {
    context.say('starting RabbitMQ and Redis');
    await using rabbitmq = await startRabbitmq();
    // As the services' own: flushed once a second.
    await using redis = await startRedis({ flush: 'everysec' });
    const throughput = await measureThroughput(rabbitmq, redis, context);
    const chaos = await measureChaos(rabbitmq, redis, context);
    return [...throughput, ...chaos];
  },
};
