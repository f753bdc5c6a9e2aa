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
  readonly #refusedSince = new Map<string, number>();

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
      if (!own.some(isRefused)) this.#refusedSince.delete(ID);
      else if (!this.#refusedSince.has(ID)) this.#refusedSince.set(ID, Date.now());
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

  /** How long a check has been told that what it asks for is not there, in ms. Waiting does not change that. */
  refusedForMs(allocation: Allocation): number {
    const since = this.#refusedSince.get(allocation.ID);
    return since === undefined ? 0 : Date.now() - since;
  }

  /** All its checks pass; an instance of a job without services has none to fail. */
  isPassing(allocation: Allocation): boolean {
    const checks = this.#checks.get(allocation.ID) ?? [];
    return (
      (checks.length > 0 || this.#services.length === 0) && checks.every(({ Status }) => Status === 'passing')
    );
  }
}

/** `HTTP GET http://127.0.0.1:1/x: 404 Not Found Output: …`: the request is wrong, not the moment. */
function isRefused({ Status, Output }: ConsulCheck): boolean {
  return Status === 'critical' && /^HTTP GET \S+: 40[0-5] /.test(Output);
}
