import { describe, expect, test } from 'vitest';
import { listenersOn } from '../../deploy-dsl/src/local/listeners.ts';
import { stack } from '../support/tandem.ts';
import { until } from '../support/until.ts';

interface Entry {
  Service: { ID: string; Port: number };
}

async function healthy(service: string): Promise<Entry[]> {
  const response = await fetch(`${stack().consul}/v1/health/service/${service}?passing=true`);
  return (await response.json()) as Entry[];
}

/** The process that listens on a port of loopback. */
async function listenerOf(port: number): Promise<number | null> {
  return (await listenersOn([port]))[0]?.pid ?? null;
}

describe('an instance that is killed', () => {
  test('costs no idempotent request and is replaced', async () => {
    const before = await healthy('rooms');
    expect(before.length).toBeGreaterThan(1);
    const victim = before[0];
    const pid = await listenerOf(victim?.Service.Port ?? 0);
    if (pid === null) throw new Error('nobody listens on the port of the instance');

    const statuses = new Set<number>();
    let sent = 0;
    let over = false;
    const load = (async () => {
      while (!over) {
        statuses.add((await fetch(`${stack().edge}/api/rooms/openapi.json`)).status);
        sent++;
      }
    })();
    process.kill(pid, 'SIGKILL');
    await until('a new process serves', async () => {
      const now = await healthy('rooms');
      if (now.length < before.length) return false;
      const pids = await Promise.all(now.map(({ Service }) => listenerOf(Service.Port)));
      return !pids.includes(pid) && !pids.includes(null);
    });
    over = true;
    await load;
    expect(sent).toBeGreaterThan(10);
    expect([...statuses]).toEqual([200]);
  });
});
