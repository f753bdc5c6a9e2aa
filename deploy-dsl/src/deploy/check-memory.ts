import type { Consul, ConsulCheck } from '../cluster/consul.ts';
import type { Allocation } from '../cluster/nomad/allocation.ts';

/**
 * What the health checks of a job's instances said last. Consul forgets a check together with its instance, so that what
 * an instance failed of must be noted while it is there.
 */
export class CheckMemory {
  readonly #consul: Consul;
  readonly #services: string[];
  readonly #checks = new Map<string, ConsulCheck[]>();

  constructor(consul: Consul, services: string[]) {
    this.#consul = consul;
    this.#services = services;
  }

  /** Looks at the checks of these instances while any of them is not known to be healthy. */
  async observe(allocations: readonly Allocation[], signal: AbortSignal): Promise<void> {
    const running = allocations.filter(({ ClientStatus }) => ClientStatus === 'running');
    if (running.length === 0) return;
    const entries = (
      await Promise.all(this.#services.map((name) => this.#consul.health(name, { signal })))
    ).flat();
    for (const { ID } of running) {
      const checks = entries
        .filter(({ Service }) => Service.ID.includes(ID))
        .flatMap((entry) => entry.Checks);
      const own = checks.filter(({ ServiceID }) => ServiceID !== '');
      if (own.length > 0) this.#checks.set(ID, own);
    }
  }

  /** `ready: HTTP GET http://…: 503 Service Unavailable Output: …` of the checks that do not pass. */
  of(allocation: Allocation | null): string[] {
    const checks = allocation === null ? [] : (this.#checks.get(allocation.ID) ?? []);
    return checks
      .filter(({ Status }) => Status !== 'passing')
      .map(({ Name, Output }) => `${Name}: ${Output.trim()}`);
  }

  isCritical(allocation: Allocation): boolean {
    return (this.#checks.get(allocation.ID) ?? []).some(({ Status }) => Status === 'critical');
  }

  /** All its checks pass; an instance of a job without services has none to fail. */
  isPassing(allocation: Allocation): boolean {
    const checks = this.#checks.get(allocation.ID) ?? [];
    return (
      (checks.length > 0 || this.#services.length === 0) && checks.every(({ Status }) => Status === 'passing')
    );
  }
}
