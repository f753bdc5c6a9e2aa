import { createParser } from 'eventsource-parser';

/** Server-Sent Events of one instance of a service. */
export interface EventStream {
  /** `http://10.0.0.5:20113/…` */
  url: string;
  /** Bearer token. */
  token: string;
  /** Number of the last event that was seen: what comes after it is asked for. */
  after: number;
  signal: AbortSignal;
  /** @param id null for an event that is worth nothing later */
  onEvent(id: number | null, event: { type: string; [field: string]: unknown }): void;
}

/** A server that is there says by then that it listens, in ms. */
const CONNECT_MS = 2_000;

/** Nothing for so long: the connection is dead, since a heartbeat comes every 2 s. */
const SILENCE_MS = 6_000;

/**
 * Reads a stream until it ends.
 *
 * @returns `unknown` where the server does not know the token, `refused` where nobody listens there, which no process does that
 * knows it, `broken` for everything that another try may mend
 */
export async function readEventStream({
  url,
  token,
  after,
  signal,
  onEvent,
}: EventStream): Promise<'unknown' | 'refused' | 'broken'> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), CONNECT_MS);
  const parser = createParser({
    onEvent({ id, data }) {
      const event: unknown = JSON.parse(data);
      if (typeof event !== 'object' || event === null || !('type' in event)) return;
      onEvent(id === undefined ? null : Number(id), { ...event, type: String(event.type) });
    },
  });
  try {
    const response = await fetch(url, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        'last-event-id': String(after),
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

/** Whether nobody listens at an address: fetch tells the reason as the cause of its error. */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ECONNREFUSED') || isRefused(error.cause);
}
