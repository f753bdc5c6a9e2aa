import { type App, bearerOf, Type } from '@tandem/common';
import type { Entry } from './event-log.ts';
import { MediaEvent } from './events.ts';
import { notAcceptable, peerUnknown } from './problems.ts';
import type { Rooms } from './rooms.ts';
import { PeerParams } from './schemas.ts';

const TYPE = 'text/event-stream';

/** Shows each side that the other is still there. */
const HEARTBEAT_MS = 2_000;

/** In bytes: a reader that is so far behind is cut off, and reads on when it can. */
const LARGEST_BACKLOG = 1_000_000;

/**
 * What happens, as it happens: Server-Sent Events, which are plain HTTP and know how to go on after the last event that was
 * seen. See docs/decisions/0021-events-of-a-media-server.md.
 */
export function addEventRoute(app: App, rooms: Rooms): void {
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });

  app.get(
    '/api/media/peers/:peer/events',
    {
      config: { access: 'public', problems: [peerUnknown, notAcceptable] },
      schema: {
        summary: 'Be told what happens',
        description:
          'Each event is one JSON object in `data`; its number in `id` goes into `Last-Event-ID` to read on after it. ' +
          '`resync`: some are lost, get the whole state. One reader at a time: a new one ends the former.',
        params: PeerParams,
        headers: Type.Object({
          'last-event-id': Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
        }),
        response: { 200: { description: 'Events', content: { [TYPE]: { schema: MediaEvent } } } },
      },
    },
    (request, reply) => {
      const { params, headers } = request;
      const present = rooms.find(params.peer, bearerOf(headers.authorization));
      if (!(headers.accept ?? '').includes(TYPE)) throw notAcceptable(`Accept: ${TYPE}`);
      reply.hijack();
      const { raw: response } = reply;
      response.writeHead(200, {
        'content-type': TYPE,
        'cache-control': 'no-store',
        'x-request-id': request.id,
      });
      response.flushHeaders();
      const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
      const end = () => response.end();
      const stop = rooms.readEvents(
        present,
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
    },
  );
}

function frameOf({ id, event }: Entry): string {
  return `${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
}
