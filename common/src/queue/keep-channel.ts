import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import type { BrokerConnection } from './connection.ts';
import { pauseMs } from './waiting.ts';

/** A channel that lived this long was not broken from the beginning. */
const STABLE_MS = 10_000;

/**
 * Opens something on the connection, and again whenever it has ended or failed, with growing pauses, until the signal.
 *
 * @param use resolves or rejects when what it opened has ended
 */
export async function keepChannel(
  broker: BrokerConnection,
  signal: AbortSignal,
  use: (model: ChannelModel) => Promise<void>,
): Promise<void> {
  let attempt = 0;
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      await use(await broker.wait(signal));
    } catch {
      // Whoever used it has said what is wrong; a lost connection is told of by the connection.
    }
    if (signal.aborted) return;
    attempt = performance.now() - startedAt > STABLE_MS ? 1 : attempt + 1;
    await sleep(pauseMs(attempt), undefined, { signal }).catch(() => {});
  }
}
