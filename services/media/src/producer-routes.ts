import { type App, bearerOf, Type } from '@tandem/common';
import { keyFrameRequestDelayMs } from './codecs.ts';
import type { Source } from './events.ts';
import type { Permission } from './grant.ts';
import { ask } from './mediasoup-errors.ts';
import {
  lostMedia,
  mediaNotFound,
  mediaRefused,
  notPermitted,
  peerUnknown,
  tooMany,
  wrongTransport,
} from './problems.ts';
import type { Rooms } from './rooms.ts';
import { NewProducer, PeerParams, ProducerChanges, ProducerParams, Stats } from './schemas.ts';

const kinds: Record<Source, { kind: 'audio' | 'video'; permission: Permission }> = {
  camera: { kind: 'video', permission: 'send' },
  microphone: { kind: 'audio', permission: 'send' },
  screen: { kind: 'video', permission: 'share-screen' },
  'screen-audio': { kind: 'audio', permission: 'share-screen' },
};

/** What a peer sends: at most one of each source. */
export function addProducerRoutes(app: App, rooms: Rooms): void {
  const known = [peerUnknown, mediaNotFound] as const;

  app.post(
    '/api/media/peers/:peer/producers',
    {
      config: {
        access: 'public',
        problems: [...known, notPermitted, tooMany, wrongTransport, mediaRefused, lostMedia],
      },
      schema: {
        summary: 'Send something',
        params: PeerParams,
        body: NewProducer,
        response: { 201: Type.Object({ id: Type.String() }) },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { room, peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const { source, rtpParameters, paused = false } = body;
      const { kind, permission } = kinds[source];
      peer.require(permission);
      const { transport, direction } = peer.transport(body.transport);
      if (direction !== 'send') throw wrongTransport();
      // mediasoup would take a voice for a picture.
      if (rtpParameters.codecs.some(({ mimeType }) => !mimeType.startsWith(`${kind}/`)))
        throw mediaRefused(`A ${source} sends ${kind}.`);
      const { media } = peer;
      const release = media.claim(source);
      try {
        const producer = await ask(
          () => transport.closed,
          () =>
            transport.produce({ kind, rtpParameters, paused, keyFrameRequestDelay: keyFrameRequestDelayMs }),
        );
        await room.announce(peer, { producer, source, at: media.at });
        return await reply.code(201).send({ id: producer.id });
      } finally {
        release();
      }
    },
  );

  app.patch(
    '/api/media/peers/:peer/producers/:producer',
    {
      config: { access: 'public', problems: [...known, lostMedia] },
      schema: {
        summary: 'Pause or go on',
        params: ProducerParams,
        body: ProducerChanges,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { room, peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const sending = peer.sending(params.producer);
      await ask(
        () => sending.producer.closed,
        () => room.setPaused(peer, sending, body.paused),
      );
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/media/peers/:peer/producers/:producer/stats',
    {
      config: { access: 'public', problems: [...known, lostMedia] },
      schema: { summary: 'What arrives of a producer', params: ProducerParams, response: { 200: Stats } },
    },
    async ({ params, headers }) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const { producer } = peer.sending(params.producer);
      return {
        stats: await ask(
          () => producer.closed,
          () => producer.getStats(),
        ),
      };
    },
  );

  app.delete(
    '/api/media/peers/:peer/producers/:producer',
    {
      config: { access: 'public', problems: known },
      schema: { summary: 'Send it no more', params: ProducerParams, response: { 204: Type.Null() } },
    },
    async ({ params, headers }, reply) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      peer.sending(params.producer).producer.close();
      return reply.code(204).send(null);
    },
  );
}
