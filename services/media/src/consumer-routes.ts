import { type App, bearerOf, Type } from '@tandem/common';
import { ask } from './mediasoup-errors.ts';
import {
  lostMedia,
  mediaNotFound,
  mediaRefused,
  notPermitted,
  peerUnknown,
  producerGone,
  tooMany,
  wrongTransport,
} from './problems.ts';
import type { Rooms } from './rooms.ts';
import { ConsumerChanges, ConsumerParams, ConsumerView, NewConsumer, PeerParams, Stats } from './schemas.ts';

/** Two for each of a few hundred others. */
const CONSUMERS_PER_PEER = 1_000;

/** What a peer receives of the others. */
export function addConsumerRoutes(app: App, rooms: Rooms): void {
  const known = [peerUnknown, mediaNotFound] as const;

  app.post(
    '/api/media/peers/:peer/consumers',
    {
      config: {
        access: 'public',
        problems: [
          ...[...known, notPermitted, producerGone],
          ...[tooMany, wrongTransport, mediaRefused, lostMedia],
        ],
      },
      schema: {
        summary: 'Receive something',
        description:
          'It begins paused: go on with PATCH once the client is ready, and a key frame comes at once. Over a transport that ' +
          'is not connected yet nothing can come too early: there it need not be paused.',
        params: PeerParams,
        body: NewConsumer,
        response: { 201: ConsumerView },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { room, peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      peer.require('receive');
      const { transport, direction } = peer.transport(body.transport);
      if (direction !== 'receive') throw wrongTransport();
      if (peer.media.consumers.size >= CONSUMERS_PER_PEER) throw tooMany();
      const { producer: producerId, rtpCapabilities, layers, paused = true } = body;
      const wanted = { producerId, rtpCapabilities, paused, ...(layers === undefined ? {} : { layers }) };
      const consumer = await ask(
        () => transport.closed,
        () => room.consume(peer, transport, wanted),
      );
      const { id, kind, type, rtpParameters, producerPaused } = consumer;
      return reply.code(201).send({ id, producer: producerId, kind, type, rtpParameters, producerPaused });
    },
  );

  app.patch(
    '/api/media/peers/:peer/consumers/:consumer',
    {
      config: { access: 'public', problems: [...known, mediaRefused, lostMedia] },
      schema: {
        summary: 'Say what is shown of it',
        description: 'Paused while it is off the screen; the layers that fit the size in which it is shown.',
        params: ConsumerParams,
        body: ConsumerChanges,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const consumer = peer.consumer(params.consumer);
      const { paused, layers, priority, keyFrame } = body;
      await ask(
        () => consumer.closed,
        async () => {
          if (layers !== undefined) await consumer.setPreferredLayers(layers);
          if (priority !== undefined) await consumer.setPriority(priority);
          if (paused !== undefined) await (paused ? consumer.pause() : consumer.resume());
          if (keyFrame === true) await consumer.requestKeyFrame();
        },
      );
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/media/peers/:peer/consumers/:consumer/stats',
    {
      config: { access: 'public', problems: [...known, lostMedia] },
      schema: { summary: 'What is sent of a consumer', params: ConsumerParams, response: { 200: Stats } },
    },
    async ({ params, headers }) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const consumer = peer.consumer(params.consumer);
      return {
        stats: await ask(
          () => consumer.closed,
          () => consumer.getStats(),
        ),
      };
    },
  );

  app.delete(
    '/api/media/peers/:peer/consumers/:consumer',
    {
      config: { access: 'public', problems: known },
      schema: { summary: 'Receive it no more', params: ConsumerParams, response: { 204: Type.Null() } },
    },
    async ({ params, headers }, reply) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      peer.consumer(params.consumer).close();
      return reply.code(204).send(null);
    },
  );
}
