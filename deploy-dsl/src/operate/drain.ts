import { setTimeout as sleep } from 'node:timers/promises';
import { type CallServer, countCalls, readCalls } from '../cluster/call-servers.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { drainUnfinished, nowhereToGo, serverAway } from '../language/errors/calls.ts';
import type { Step } from '../terminal/terminal.ts';

/** How often the server is asked how many are still there, in ms. */
const LOOK_MS = 250;

/**
 * Empties a media server: its calls go to the others, and none comes any more. It goes on by itself when this is interrupted.
 *
 * @param others all the servers there are, itself possibly among them
 * @throws TandemError when the calls have nowhere to go, or some are there at the deadline
 */
export async function drainServer(
  server: CallServer,
  others: readonly CallServer[],
  { deadlineMs, step, signal }: { deadlineMs: number; step: Step; signal: AbortSignal },
): Promise<void> {
  const takes = others.filter(({ id, draining }) => id !== server.id && !draining);
  if (takes.length === 0) throw new TandemError([nowhereToGo(server.service, short(server))]);
  const end = performance.now() + deadlineMs;
  let now = await readCalls(server.address, signal, 'PUT');
  while (now === null || now.calls.length > 0) {
    if (now !== null) step.update(`${wordsFor(now)} left`);
    if (performance.now() > end) {
      const left = now?.calls ?? server.calls;
      throw new TandemError([
        now === null ? serverAway(short(server)) : drainUnfinished(short(server), left, deadlineMs),
      ]);
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    now = await readCalls(server.address, signal);
  }
}

/** Lets calls come to a media server again. Those that have left stay where they are. */
export async function cancelDrain(server: CallServer, signal: AbortSignal): Promise<void> {
  if ((await readCalls(server.address, signal, 'DELETE')) === null)
    throw new TandemError([serverAway(short(server))], exitCodes.failed);
}

/** `3 calls of 12 people` */
export function wordsFor(carried: Pick<CallServer, 'calls'>): string {
  const { calls, people } = countCalls([carried]);
  if (calls === 0) return 'no call';
  return `${calls} ${calls === 1 ? 'call' : 'calls'} of ${people} ${people === 1 ? 'person' : 'people'}`;
}

export const short = ({ id }: Pick<CallServer, 'id'>): string => id.slice(0, 8);
