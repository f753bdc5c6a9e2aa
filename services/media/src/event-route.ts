import { type App, bearerOf } from '@tandem/common';
import { EVENTS_TYPE, type StreamEvents } from './event-streams.ts';
import { MediaEvent } from './events.ts';
import { notAcceptable, peerUnknown } from './problems.ts';
import type { Rooms } from './rooms.ts';
import { EventsHeaders, PeerParams } from './schemas.ts';

/**
 * What happens, as it happens: Server-Sent Events, which are plain HTTP and know how to go on after the last event that was
 * seen. See docs/decisions/0021-events-of-a-media-server.md.
 */
export function addEventRoute(app: App, rooms: Rooms, streamEvents: StreamEvents): void {
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
        headers: EventsHeaders,
        response: { 200: { description: 'Events', content: { [EVENTS_TYPE]: { schema: MediaEvent } } } },
      },
    },
    (request, reply) => {
      const { params, headers } = request;
      const present = rooms.find(params.peer, bearerOf(headers.authorization));
      streamEvents(request, reply, (...reading) => rooms.readEvents(present, ...reading));
    },
  );
}
