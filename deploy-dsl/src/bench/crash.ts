import { setTimeout as sleep } from 'node:timers/promises';
import { listenersOn } from '../local/listeners.ts';
import { readStack } from '../local/stack.ts';
import { type Bench, figure } from './bench.ts';
import { startCallLoad } from './call-load.ts';
import type { LoadResult } from './load.ts';
import { median } from './statistics.ts';

const kills = 10;
const patienceMs = 60_000;

/** kill -9 of instances of `rooms`, one after the other, under the load of the rollouts. */
export const crash: Bench = {
  async run({ root, signal, say }) {
    const stack = await readStack(root);
    if (stack === null) throw new Error('the stack is not up: `./tandem up` first');
    const { consul, edge } = stack;
    const load = await startCallLoad(edge);
    const back: number[] = [];
    let result: LoadResult;
    try {
      const wanted = (await passingProcesses(consul)).length;
      if (wanted < 2) throw new Error('`rooms` needs two healthy instances');
      for (let kill = 1; kill <= kills; kill++) {
        signal.throwIfAborted();
        say(`kill ${kill} of ${kills}, ${load.failed} of ${load.sent} requests failed`, (kill - 1) / kills);
        const [victim] = await passingProcesses(consul);
        if (victim === undefined || victim === null)
          throw new Error('no process listens on the port of the instance');
        const killedAt = performance.now();
        process.kill(victim, 'SIGKILL');
        await until(async () => {
          const processes = await passingProcesses(consul);
          return processes.length >= wanted && !processes.includes(victim) && !processes.includes(null);
        }, signal);
        back.push(performance.now() - killedAt);
      }
    } finally {
      result = await load.stop();
    }
    return [
      figure('instances of `rooms` killed with -9', back.length, ''),
      figure('requests per second, a quarter of them POST', result.sent / result.seconds, '', {
        atLeast: 200,
      }),
      figure('failed idempotent requests', result.failedIdempotent, '', { exactly: 0 }),
      figure('failed POST requests (never sent twice)', result.failedOther, ''),
      figure('kill to replaced and passing its check, median', median(back) / 1000, 's'),
      figure('the same, slowest', Math.max(...back) / 1000, 's'),
    ];
  },
};

/** The processes behind the instances whose check passes; null where nobody listens any more. */
async function passingProcesses(consul: string): Promise<(number | null)[]> {
  const response = await fetch(`${consul}/v1/health/service/rooms?passing=true`);
  const entries: unknown = await response.json();
  if (!Array.isArray(entries)) throw new Error('Consul did not answer with a list');
  const ports = entries.map((entry: { Service: { Port: number } }) => entry.Service.Port);
  const listeners = await listenersOn(ports);
  return ports.map((port) => listeners.find((listener) => listener.port === port)?.pid ?? null);
}

async function until(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the killed instance was not replaced within a minute');
    await sleep(50, undefined, { signal });
  }
}
