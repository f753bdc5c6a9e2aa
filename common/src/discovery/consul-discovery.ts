import type { Logger } from '../log.ts';
import { withoutRequestContext } from '../request-context.ts';
import { type Static, Type } from '../schema.ts';
import { UnavailableError } from '../unavailable.ts';
import { validatorOf } from '../validator.ts';
import { type ConsulAddress, connectConsul } from './consul-client.ts';
import type { Discovery, Instance } from './discovery.ts';

export interface ConsulOptions extends ConsulAddress {
  log: Logger;
}

/** What we read of an answer of `/v1/health/service/:name`. */
const HealthEntries = Type.Array(
  Type.Object({
    Node: Type.Object({ Address: Type.String() }),
    Service: Type.Object({ ID: Type.String(), Address: Type.String(), Port: Type.Integer() }),
    Checks: Type.Array(Type.Object({ Status: Type.String() })),
  }),
);

/** Consul answers a blocking query at once when something changed, at the latest after this time. */
const WAIT = '60s';

/** Longest pause between attempts while Consul is away, in ms. */
const LONGEST_BACKOFF_MS = 2_000;

/** How long the first question about a service may take, in ms. */
const FIRST_ANSWER_MS = 2_000;

interface Watched {
  instances: readonly Instance[] | null;
  first: Promise<void>;
  end(): void;
}

/**
 * Asks Consul once for every service that is looked up, and is told of changes by a blocking query from then on: a
 * lookup costs nothing and is right within milliseconds. While Consul is away, the last known instances are given:
 * most of them still work, and callers notice those that do not.
 */
export function createConsulDiscovery({ log, ...address }: ConsulOptions): Discovery {
  const consul = connectConsul(address);
  const watched = new Map<string, Watched>();

  function watch(service: string): Watched {
    const { promise: first, resolve } = Promise.withResolvers<void>();
    const query = consul.watch({
      method: consul.health.service,
      options: { service, wait: WAIT },
      backoffMax: LONGEST_BACKOFF_MS,
    });
    const entry: Watched = { instances: null, first, end: () => query.end() };
    let away = false;
    query.on('change', (data: unknown) => {
      away = false;
      entry.instances = readInstances(data);
      log.debug({ dependency: service, instances: entry.instances.length }, 'instances known');
      resolve();
    });
    query.on('error', (error: Error) => {
      if (!away)
        log.warn(
          { dependency: service, reason: error.message },
          'Consul does not answer; using what is known',
        );
      away = true;
      resolve();
    });
    return entry;
  }

  return {
    async instances(service) {
      const entry = watched.get(service) ?? withoutRequestContext(() => watch(service));
      watched.set(service, entry);
      if (entry.instances === null) await Promise.race([entry.first, after(FIRST_ANSWER_MS)]);
      if (entry.instances === null)
        throw new UnavailableError('consul', `it did not say where ${service} is`);
      return entry.instances;
    },
    close() {
      for (const entry of watched.values()) entry.end();
      consul.destroy();
    },
  };
}

const isHealthEntries = validatorOf(HealthEntries);

function readInstances(data: unknown): Instance[] {
  if (!isHealthEntries(data)) return [];
  const entries: Static<typeof HealthEntries> = data;
  const instances = entries.map(({ Node, Service, Checks }) => ({
    id: Service.ID,
    host: Service.Address || Node.Address,
    port: Service.Port,
    passing: Checks.every((check) => check.Status !== 'critical'),
  }));
  return instances.sort((one, other) => Number(other.passing) - Number(one.passing));
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
