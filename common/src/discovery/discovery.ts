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

export interface Choice {
  /** Those that were tried already: another one is taken if there is a choice. */
  avoid?: ReadonlySet<string>;
  /** Those that may be taken at all. */
  allows?: (id: string) => boolean;
}

/**
 * One healthy instance at random.
 * @throws UnavailableError when there is none
 */
export async function pickInstance(
  discovery: Discovery,
  service: string,
  { avoid = new Set(), allows = () => true }: Choice = {},
): Promise<Instance> {
  const healthy = (await discovery.instances(service)).filter((instance) => instance.passing);
  if (healthy.length === 0) throw new UnavailableError(service, 'no instance of it is healthy');
  const allowed = healthy.filter((instance) => allows(instance.id));
  const fresh = allowed.filter((instance) => !avoid.has(instance.id));
  const choice = fresh.length > 0 ? fresh : allowed;
  const instance = choice[Math.floor(Math.random() * choice.length)];
  if (instance === undefined) throw new UnavailableError(service, 'its instances failed again and again');
  return instance;
}
