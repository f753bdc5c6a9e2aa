import { UnavailableError } from '../unavailable.ts';

/** Where one instance of a service listens. */
export interface Instance {
  id: string;
  host: string;
  port: number;
  /** Its health checks pass. */
  passing: boolean;
}

/** Finds the instances of services by name. */
export interface Discovery {
  /**
   * All registered instances, those that pass their checks first; possibly none.
   * @throws UnavailableError when it is not known and cannot be found out now
   */
  instances(service: string): Promise<readonly Instance[]>;
  close(): void;
}

/** Always the same instances: for tests, and for a service that runs alone. */
export function createStaticDiscovery(services: Record<string, readonly Instance[]>): Discovery {
  return {
    instances: async (service) => services[service] ?? [],
    close: () => {},
  };
}

/**
 * One healthy instance at random, other than those in `avoid` if there is a choice.
 * @throws UnavailableError when there is none
 */
export async function pickInstance(
  discovery: Discovery,
  service: string,
  avoid: ReadonlySet<string> = new Set(),
): Promise<Instance> {
  const healthy = (await discovery.instances(service)).filter((instance) => instance.passing);
  const fresh = healthy.filter((instance) => !avoid.has(instance.id));
  const choice = fresh.length > 0 ? fresh : healthy;
  const instance = choice[Math.floor(Math.random() * choice.length)];
  if (instance === undefined) throw new UnavailableError(service, 'no instance of it is healthy');
  return instance;
}
