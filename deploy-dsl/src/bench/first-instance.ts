import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsulServiceEntry } from '../cluster/consul.ts';
import { exchange } from '../cluster/exchange.ts';
import { builtin } from '../language/builtin.ts';
import type { StackUnderTest } from './stack-under-test.ts';

/** The first instance of a new version that requests may be sent to. Milliseconds since 1970. */
export interface FirstInstance {
  /** It answered as healthy itself. */
  readyAt: number;
  /** Consul had asked it: that comes at a random moment of the check's interval, whoever deployed it. */
  passingAt: number;
}

/** So often everything is asked. */
const everyMs = 10;

/** Watches the instances of a service in Consul until one that is not known yet passes its checks. */
export async function firstInstance(
  stack: StackUnderTest,
  service: string,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<FirstInstance> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const ready = new Map<string, Promise<number>>();
  try {
    for (;;) {
      const entries = await stack.cloud.consul.health(service, { signal });
      const fresh = entries.filter(({ Service }) => !known.has(Service.ID));
      for (const entry of fresh) {
        const { ID } = entry.Service;
        if (!ready.has(ID)) ready.set(ID, whenReady(entry, either));
      }
      const first = fresh.find(isPassing);
      if (first !== undefined) {
        const passingAt = Date.now();
        const readyAt = (await ready.get(first.Service.ID)) ?? passingAt;
        // Consul may have asked a moment before us.
        return { readyAt: Math.min(readyAt, passingAt), passingAt };
      }
      await sleep(everyMs, undefined, { signal });
    }
  } finally {
    over.abort();
  }
}

function isPassing({ Checks }: ConsulServiceEntry): boolean {
  return Checks.every(({ Status }) => Status === 'passing');
}

/** When an instance says itself that it is healthy; also when the watch is over, and nobody asks any more. */
async function whenReady({ Node, Service }: ConsulServiceEntry, signal: AbortSignal): Promise<number> {
  const url = new URL(builtin.health.path, `http://${Service.Address || Node.Address}:${Service.Port}`);
  while (!signal.aborted && !(await isReady(url, signal))) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return Date.now();
}

/** Nobody listens there at first. */
async function isReady(url: URL, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await exchange(url, { method: 'GET', headers: {}, body: undefined, signal });
    answer.resume();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}
