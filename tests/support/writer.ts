import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './edge.ts';
import { killOne } from './instances.ts';
import { until } from './until.ts';

/** Slow enough that what was written can be looked at one by one afterwards, however long a repair takes. */
const PAUSE_MS = 250;

/** Successes that count as "it works"; more than a Redis may lose. */
const SOME = 12;

export interface Written<Value> {
  /** What was acknowledged, in its order, without what may be lost. */
  acknowledged: Value[];
  /** The refusals, `503 dependency-unavailable`, each kind once. */
  refusals: string[];
}

/**
 * Writes one after the other, kills an instance of the service (or the part of the platform) meanwhile, and goes on until
 * it is replaced and writes succeed again.
 *
 * @param write the n-th one
 * @param mayLoseMs what is acknowledged for a shorter time when the instance is killed, may be lost with it
 */
export async function writeWhileKilling<Value>(
  service: string,
  write: (n: number) => Promise<{ answer: Answer; value: Value }>,
  mayLoseMs: number,
): Promise<Written<Value>> {
  const acknowledged: { value: Value; at: number }[] = [];
  const refusals = new Set<string>();
  let over = false;
  const writing = (async () => {
    for (let n = 0; !over; n++) {
      const { answer, value } = await write(n);
      if (answer.status < 300) acknowledged.push({ value, at: Date.now() });
      else refusals.add(`${answer.status} ${answer.body?.code}`);
      await delay(PAUSE_MS);
    }
  })();
  const someMore = async () => {
    const enough = acknowledged.length + SOME;
    await Promise.race([
      writing,
      until('writes succeed', async () => acknowledged.length >= enough, 120_000),
    ]);
  };
  let killedAt = 0;
  try {
    await someMore();
    const { replaced } = await killOne(service);
    killedAt = Date.now();
    await replaced();
    await someMore();
  } finally {
    over = true;
    await writing;
  }
  const kept = acknowledged.filter(({ at }) => at > killedAt || at < killedAt - mayLoseMs);
  return { acknowledged: kept.map(({ value }) => value), refusals: [...refusals] };
}
