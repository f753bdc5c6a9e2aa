import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
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

/** Nothing for so long: the connection is dead, since a heartbeat comes every 2 s. */
const SILENCE_MS = 6_000;

/** A server that is there says by then that it listens, in ms. */
const CONNECT_MS = 2_000;

/** So often in a row, the server is gone even if Consul does not know it yet. */
const MOST_FAILURES = 3;

/**
 * Reads the events of a peer (Server-Sent Events) until the signal aborts, or the peer is gone: then `gone` is the last, and
 * says whether the whole server was lost.
 */
export async function readMediaEvents(place: MediaPeer, seen: number, reading: Reading): Promise<void> {
  const { signal, onEvent, isThere } = reading;
  let last = seen;
  let failures = 0;
  while (!signal.aborted) {
    const outcome = await readOnce(place, last, signal, (entry) => {
      failures = 0;
      last = entry.seen ?? last;
      onEvent(entry);
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

/**
 * @returns `unknown` where the server does not know the peer, `refused` where nobody listens there, which no process does that
 * knows the peer, `broken` for everything that another try may mend
 */
async function readOnce(
  { host, port, peer, token }: MediaPeer,
  seen: number,
  signal: AbortSignal,
  onEntry: (entry: MediaEntry) => void,
): Promise<'unknown' | 'refused' | 'broken'> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), CONNECT_MS);
  const parser = createParser({
    onEvent({ id, data }) {
      const event: unknown = JSON.parse(data);
      if (typeof event !== 'object' || event === null || !('type' in event)) return;
      onEntry({ seen: id === undefined ? null : Number(id), event: { ...event, type: String(event.type) } });
    },
  });
  try {
    const response = await fetch(`http://${host}:${port}/api/media/peers/${peer}/events`, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        'last-event-id': String(seen),
      },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.status === 401) return 'unknown';
    if (!response.ok || response.body === null) return 'broken';
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      parser.feed(text);
    }
    return 'broken';
  } catch (error) {
    return isRefused(error) ? 'refused' : 'broken';
  } finally {
    clearTimeout(timer);
  }
}

/** fetch tells the reason as the cause of its error. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ECONNREFUSED') || isRefused(error.cause);
}
