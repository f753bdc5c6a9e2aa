import { listenersOn } from '../../deploy-dsl/src/local/listeners.ts';
import { stack } from './tandem.ts';
import { until } from './until.ts';

interface Entry {
  Service: { ID: string; Port: number };
}

/** The instances of a service, or of a part of the platform, that Consul holds for healthy. */
export async function healthy(service: string): Promise<Entry[]> {
  const response = await fetch(`${stack().consul}/v1/health/service/${service}?passing=true`);
  return (await response.json()) as Entry[];
}

/** The process that listens on a port of loopback. */
async function listenerOf(port: number): Promise<number | null> {
  return (await listenersOn([port]))[0]?.pid ?? null;
}

/**
 * Kills the process of one instance, with SIGKILL.
 * @returns what resolves when as many as before are healthy and none of them is the one that was killed
 */
export async function killOne(service: string): Promise<{ replaced: () => Promise<void> }> {
  const before = await until(`an instance of ${service}`, async () => {
    const found = await healthy(service);
    return found.length > 0 && found;
  });
  const pid = await listenerOf(before[0]?.Service.Port ?? 0);
  if (pid === null) throw new Error(`nobody listens on the port of ${service}`);
  process.kill(pid, 'SIGKILL');
  return {
    async replaced() {
      await until(
        `another instance of ${service} is healthy`,
        async () => {
          const now = await healthy(service);
          if (now.length < before.length) return false;
          const pids = await Promise.all(now.map(({ Service }) => listenerOf(Service.Port)));
          return !pids.includes(pid) && !pids.includes(null);
        },
        150_000,
      );
    },
  };
}
