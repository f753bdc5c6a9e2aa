import { Redis } from 'ioredis';
import type { TargetCloud } from '../cluster/target.ts';
import { redisJobName } from '../compile/redis.ts';
import { TandemError } from '../language/diagnostic.ts';
import { redisAway } from '../language/errors/backup.ts';
import type { RedisAddress } from './rdb-file.ts';

/** The persistent Redis of a service in one cloud. */
export interface Place {
  service: string;
  cloud: TargetCloud;
}

const patienceMs = 10_000;

/** Where it listens now. @throws TandemError when it does not run */
export async function addressOf({ service, cloud }: Place, signal: AbortSignal): Promise<RedisAddress> {
  const entries = await cloud.consul.health(redisJobName(service), { signal });
  const healthy = entries.find(({ Checks }) => Checks.every(({ Status }) => Status === 'passing'));
  if (healthy === undefined) {
    const reason = entries.length === 0 ? 'it does not run' : 'it is not healthy';
    throw new TandemError([redisAway(service, cloud.name, reason)]);
  }
  return { host: healthy.Service.Address || healthy.Node.Address, port: healthy.Service.Port };
}

/** Does something with a connection to it, in this database. A Redis that goes away meanwhile is a TandemError. */
export async function withRedis<T>(
  place: Place,
  db: number,
  signal: AbortSignal,
  work: (redis: Redis, address: RedisAddress) => Promise<T>,
): Promise<T> {
  const address = await addressOf(place, signal);
  const redis = new Redis({
    ...address,
    db,
    lazyConnect: true,
    connectionName: 'tandem',
    connectTimeout: patienceMs,
    socketTimeout: 6 * patienceMs,
    maxRetriesPerRequest: 0,
    // What was under way when the connection was lost may have been done: nothing is sent twice.
    retryStrategy: () => null,
  });
  let lost: Error | null = null;
  redis.on('error', (error: Error) => {
    lost ??= error;
  });
  try {
    await redis.connect();
    return await work(redis, address);
  } catch (error) {
    if (error instanceof TandemError || (redis.status === 'ready' && lost === null)) throw error;
    const reason = lost ?? error;
    throw new TandemError([redisAway(place.service, place.cloud.name, String(reason))]);
  } finally {
    redis.disconnect();
  }
}
