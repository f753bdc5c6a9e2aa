import { describe, expect, test } from 'vitest';
import { stack } from '../support/tandem.ts';
import { until } from '../support/until.ts';

interface Entry {
  Service: { ID: string; Port: number };
}

async function healthy(service: string): Promise<Entry[]> {
  const response = await fetch(`${stack().consul}/v1/health/service/${service}?passing=true`);
  return (await response.json()) as Entry[];
}

/** The process that listens on a port of loopback, from the kernel's tables. */
async function listenerOf(port: number): Promise<number> {
  const { execFileSync } = await import('node:child_process');
  const output = execFileSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' });
  return Number(/pid=(\d+)/.exec(output)?.[1]);
}

describe('an instance that is killed', () => {
  test('costs no idempotent request and is replaced', async () => {
    const before = await healthy('rooms');
    expect(before.length).toBeGreaterThan(1);
    const victim = before[0];
    const pid = await listenerOf(victim?.Service.Port ?? 0);
    expect(pid).toBeGreaterThan(1);

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
      return !pids.includes(pid);
    });
    over = true;
    await load;
    expect(sent).toBeGreaterThan(10);
    expect([...statuses]).toEqual([200]);
  });
});
