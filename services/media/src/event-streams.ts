import type { ServerResponse } from 'node:http';
import type { App } from '@tandem/common';
import type { Entry, EventLog } from './event-log.ts';
import { notAcceptable } from './problems.ts';

export const EVENTS_TYPE = 'text/event-stream';

/** Shows each side that the other is still there. */
const HEARTBEAT_MS = 2_000;

/** In bytes: a reader that is so far behind is cut off, and reads on when it can. */
const LARGEST_BACKLOG = 1_000_000;

/**
 * Answers a request with events, until there are none any more or the reader has gone.
 *
 * @param read begins after the `Last-Event-ID` of the request; @throws Problem not-acceptable
 */
export type StreamEvents = (
  request: { id: string; headers: { accept?: string | undefined; 'last-event-id'?: string | undefined } },
  reply: { hijack(): void; raw: ServerResponse },
  read: (...reading: Parameters<EventLog['read']>) => () => void,
) => void;

/** Streams that end when the server does. */
export function createEventStreams(app: App): StreamEvents {
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });

  return ({ id, headers }, reply, read) => {
    if (!(headers.accept ?? '').includes(EVENTS_TYPE)) throw notAcceptable(`Accept: ${EVENTS_TYPE}`);
    reply.hijack();
    const { raw: response } = reply;
    response.writeHead(200, {
      'content-type': EVENTS_TYPE,
      'cache-control': 'no-store',
      'x-request-id': id,
    });
    response.flushHeaders();
    const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
    const end = () => response.end();
    const stop = read(
      Number(headers['last-event-id'] ?? 0),
      (entry) => {
        response.write(frameOf(entry));
        if (response.writableLength > LARGEST_BACKLOG) response.destroy();
      },
      end,
    );
    open.add(end);
    response.once('close', () => {
      clearInterval(heartbeat);
      open.delete(end);
      stop();
    });
  };
}

function frameOf({ id, event }: Entry): string {
  return `${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
}
