import { type App, bearerOf, Type } from '@tandem/common';
import type { WebRtcTransport } from 'mediasoup/types';
import { ask } from './mediasoup-errors.ts';
import { lostMedia, mediaNotFound, mediaRefused, notPermitted, peerUnknown, tooMany } from './problems.ts';
import type { Rooms } from './rooms.ts';
import { IceParameters } from './rtp-schemas.ts';
import { Connection, NewTransport, PeerParams, Stats, TransportParams, TransportView } from './schemas.ts';

/** What a client needs to know of a transport. */
export function viewOf({ id, iceParameters, iceCandidates, dtlsParameters }: WebRtcTransport) {
  return { id, iceParameters, iceCandidates, dtlsParameters };
}

/** The connections that media go over: ICE and DTLS between a client and the worker. */
export function addTransportRoutes(app: App, rooms: Rooms): void {
  const known = [peerUnknown, mediaNotFound] as const;

  app.post(
    '/api/media/peers/:peer/transports',
    {
      config: { access: 'public', problems: [peerUnknown, notPermitted, tooMany, lostMedia] },
      schema: {
        summary: 'Make a transport',
        params: PeerParams,
        body: NewTransport,
        response: { 201: TransportView },
      },
    },
    async ({ params, headers, body: { direction } }, reply) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      if (direction === 'receive') peer.require('receive');
      const transport = await peer.media.addTransport(direction);
      return reply.code(201).send(viewOf(transport));
    },
  );

  app.post(
    '/api/media/peers/:peer/transports/:transport/connect',
    {
      config: { access: 'public', problems: [...known, mediaRefused, lostMedia] },
      schema: {
        summary: "Say the client's side of DTLS",
        params: TransportParams,
        body: Connection,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const { transport } = peer.transport(params.transport);
      await ask(
        () => transport.closed,
        () => transport.connect(body),
      );
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/media/peers/:peer/transports/:transport/restart-ice',
    {
      config: { access: 'public', problems: [...known, lostMedia] },
      schema: {
        summary: 'Find another path, after a change of network',
        params: TransportParams,
        response: { 200: IceParameters },
      },
    },
    async ({ params, headers }) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const { transport } = peer.transport(params.transport);
      return ask(
        () => transport.closed,
        () => transport.restartIce(),
      );
    },
  );

  app.get(
    '/api/media/peers/:peer/transports/:transport/stats',
    {
      config: { access: 'public', problems: [...known, lostMedia] },
      schema: {
        summary: 'What goes over a transport, and the bandwidth that is estimated',
        params: TransportParams,
        response: { 200: Stats },
      },
    },
    async ({ params, headers }) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      const { transport } = peer.transport(params.transport);
      return {
        stats: await ask(
          () => transport.closed,
          () => transport.getStats(),
        ),
      };
    },
  );

  app.delete(
    '/api/media/peers/:peer/transports/:transport',
    {
      config: { access: 'public', problems: known },
      schema: {
        summary: 'Close a transport and all that goes over it',
        params: TransportParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, headers }, reply) => {
      const { peer } = rooms.find(params.peer, bearerOf(headers.authorization));
      peer.transport(params.transport).transport.close();
      return reply.code(204).send(null);
    },
  );
}
