import { type App, bearerOf, Type } from '@tandem/common';
import { EVENTS_TYPE, type StreamEvents } from './event-streams.ts';
import { MediaEvent } from './events.ts';
import { ask } from './mediasoup-errors.ts';
import { Carried, PipeEnd } from './pipe.ts';
import {
  lostMedia,
  mediaRefused,
  notAcceptable,
  noWorker,
  producerGone,
  roomUnknown,
  subscriberUnknown,
} from './problems.ts';
import type { Rooms } from './rooms.ts';
import {
  CarriedParams,
  EventsHeaders,
  NewSubscriber,
  RoomParams,
  Subscribed,
  SubscriberParams,
} from './schemas.ts';

/** For other media servers that have people of the same room. The edge lets nobody in here from outside. */
export function addSubscriberRoutes(app: App, rooms: Rooms, streamEvents: StreamEvents): void {
  const known = [roomUnknown, subscriberUnknown] as const;

  app.post(
    '/internal/rooms/:room/subscribers',
    {
      config: { access: 'public', problems: [roomUnknown] },
      schema: {
        summary: 'Follow what happens in a room here',
        description:
          'Whoever follows is followed in turn. A later subscription of the same server ends the former.',
        params: RoomParams,
        body: NewSubscriber,
        response: { 201: Subscribed },
      },
    },
    async ({ params, body }, reply) => {
      const room = rooms.room(params.room);
      const { subscriber, token } = rooms.subscribe(room, body.from, body.to);
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ subscriber: subscriber.id, token, events: subscriber.events.last, ...room.here });
    },
  );

  app.get(
    '/internal/rooms/:room/subscribers/:subscriber/events',
    {
      config: { access: 'public', problems: [...known, notAcceptable] },
      schema: {
        summary: 'Be told what happens',
        description: 'As the events of a peer, of the people who are here.',
        params: SubscriberParams,
        headers: EventsHeaders,
        response: { 200: { description: 'Events', content: { [EVENTS_TYPE]: { schema: MediaEvent } } } },
      },
    },
    (request, reply) => {
      const { params, headers } = request;
      const room = rooms.room(params.room);
      const subscriber = room.elsewhere.subscriber(params.subscriber, bearerOf(headers.authorization));
      streamEvents(request, reply, (...reading) => rooms.readEventsFor(room, subscriber, ...reading));
    },
  );

  app.put(
    '/internal/rooms/:room/subscribers/:subscriber/pipe',
    {
      config: { access: 'public', problems: [...known, noWorker, mediaRefused, lostMedia] },
      schema: {
        summary: 'Make a pipe, in place of the one that there may be',
        params: SubscriberParams,
        body: PipeEnd,
        response: { 200: PipeEnd },
      },
    },
    async ({ params, headers, body }) => {
      const room = rooms.room(params.room);
      const subscriber = room.elsewhere.subscriber(params.subscriber, bearerOf(headers.authorization));
      return ask(
        () => false,
        () => room.connect(subscriber, body),
      );
    },
  );

  app.put(
    '/internal/rooms/:room/subscribers/:subscriber/producers/:producer',
    {
      config: { access: 'public', problems: [...known, producerGone, mediaRefused, lostMedia] },
      schema: {
        summary: 'Have what somebody here sends sent over the pipe',
        params: CarriedParams,
        response: { 200: Carried },
      },
    },
    async ({ params, headers }) => {
      const room = rooms.room(params.room);
      const subscriber = room.elsewhere.subscriber(params.subscriber, bearerOf(headers.authorization));
      return ask(
        () => false,
        () => room.carry(subscriber, params.producer),
      );
    },
  );

  app.delete(
    '/internal/rooms/:room/subscribers/:subscriber',
    {
      config: { access: 'public', problems: known },
      schema: {
        summary: 'Follow no longer',
        params: SubscriberParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, headers }, reply) => {
      const { elsewhere } = rooms.room(params.room);
      elsewhere.unsubscribe(elsewhere.subscriber(params.subscriber, bearerOf(headers.authorization)));
      return reply.code(204).send(null);
    },
  );
}
