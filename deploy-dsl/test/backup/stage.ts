import type { TestRedis } from '@tandem/common/testing';
import type { Place } from '../../src/backup/live-redis.ts';
import type { TargetCloud } from '../../src/cluster/target.ts';

/** A real Redis as the one of a service; of the cloud only its entry in Consul is needed. */
export function placeOf(service: string, redis: Pick<TestRedis, 'port'>): Place {
  const entry = () => ({
    Node: { Node: 'node', Address: '127.0.0.1' },
    Service: { ID: 'redis', Service: `${service}-redis`, Tags: [], Meta: {}, Address: '', Port: redis.port },
    Checks: [],
  });
  const consul = { health: async () => [entry()] };
  return { service, cloud: { name: 'local', consul } as unknown as TargetCloud };
}

/** A place where no Redis is registered. */
export function emptyPlace(service: string): Place {
  const consul = { health: async () => [] };
  return { service, cloud: { name: 'local', consul } as unknown as TargetCloud };
}

export const silent = {
  step: () => ({ update() {}, wait() {}, done() {}, fail() {}, skip() {} }),
  close() {},
};
