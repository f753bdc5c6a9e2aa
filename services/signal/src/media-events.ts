import { setTimeout as sleep } from 'node:timers/promises';
import { readEventStream } from '@tandem/common';
import type { MediaPeer } from './room-store.ts';

/** An event of the media server, and its place in the order; null for one that is worth nothing later. */
export interface MediaEntry {
  seen: number | null;
  event: { type: string; [field: string]: unknown };
}

export interface Reading {
  signal: AbortSignal;
  onEvent(entry: MediaEntry): void;
  /** The instance is still registered, as far as anybody knows. */
  isThere(): Promise<boolean>;
}

/** Tried again after these, in ms; then every time after the last one. */
const PAUSES_MS = [0, 50, 100, 200, 400, 800];

/** So often in a row, the server is gone even if Consul does not know it yet. */
const MOST_FAILURES = 3;

/**
 * Reads the events of a peer (Server-Sent Events) until the signal aborts, or the peer is gone: then `gone` is the last, and
 * says whether the whole server was lost.
 */
export async function readMediaEvents(place: MediaPeer, seen: number, reading: Reading): Promise<void> {
  const { signal, onEvent, isThere } = reading;
  const { host, port, peer, token } = place;
  const url = `http://${host}:${port}/api/media/peers/${peer}/events`;
  let last = seen;
  let failures = 0;
  while (!signal.aborted) {
    const outcome = await readEventStream({
      ...{ url, token, signal, after: last },
      onEvent(id, event) {
        failures = 0;
        last = id ?? last;
        onEvent({ seen: id, event });
      },
    });
    if (signal.aborted) return;
    failures += 1;
    const isGone = outcome !== 'broken' || failures > MOST_FAILURES || (failures > 1 && !(await isThere()));
    if (isGone) {
      if (!signal.aborted)
        onEvent({ seen: null, event: { type: 'gone', serverLost: outcome !== 'unknown' } });
      return;
    }
    const pause = PAUSES_MS[Math.min(failures - 1, PAUSES_MS.length - 1)] ?? 0;
    await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}
