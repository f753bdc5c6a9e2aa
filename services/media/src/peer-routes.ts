import { type App, bearerOf, Type } from '@tandem/common';
import { encodings } from './codecs.ts';
import type { ReadGrant } from './grant.ts';
import {
  grantRefused,
  lostMedia,
  notPermitted,
  noWorker,
  peerUnknown,
  placementStale,
  roomFull,
} from './problems.ts';
import type { Present, Rooms } from './rooms.ts';
import { Joined, NewPeer, PeerParams, RoomParams, State } from './schemas.ts';
import { viewOf } from './transport-routes.ts';

/** Coming, looking around, and leaving. */
export function addPeerRoutes(app: App, rooms: Rooms, readGrant: ReadGrant): void {
  app.post(
    '/api/media/rooms/:room/peers',
    {
      config: {
        access: 'public',
        problems: [grantRefused, notPermitted, placementStale, roomFull, noWorker, lostMedia],
      },
      schema: {
        summary: 'Enter a room',
        description:
          'With a grant of the service rooms as bearer token, for this very room. The answer has the token of all that ' +
          'follows, so that a call outlives the grant.',
        params: RoomParams,
        body: NewPeer,
        response: { 201: Joined },
      },
    },
    async ({ params, headers, body }, reply) => {
      const admission = await readGrant(headers.authorization);
      if (admission.roomId !== params.room) throw grantRefused('It is for another room.');
      if (admission.permissions.size === 0) throw notPermitted();
      const present = await rooms.join(admission, body);
      const { peer, token } = present;
      const transports = body.transports === true ? await transportsOf(present) : null;
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ peer: peer.id, token, state: stateOf(present), transports });
    },
  );

  const config = { access: 'public', problems: [peerUnknown] } as const;

  app.get(
    '/api/media/peers/:peer',
    {
      config,
      schema: { summary: 'The room as the peer sees it', params: PeerParams, response: { 200: State } },
    },
    async ({ params, headers }) => stateOf(rooms.find(params.peer, bearerOf(headers.authorization))),
  );

  app.delete(
    '/api/media/peers/:peer',
    { config, schema: { summary: 'Leave the room', params: PeerParams, response: { 204: Type.Null() } } },
    async ({ params, headers }, reply) => {
      rooms.leave(rooms.find(params.peer, bearerOf(headers.authorization)));
      return reply.code(204).send(null);
    },
  );
}

/** One for each direction that the grant has. */
async function transportsOf({ peer }: Present) {
  const mayReceive = peer.admission.permissions.has('receive');
  const [send, receive] = await Promise.all([
    peer.media.addTransport('send'),
    mayReceive ? peer.media.addTransport('receive') : null,
  ]);
  return { send: viewOf(send), receive: receive === null ? null : viewOf(receive) };
}

function stateOf({ room, peer }: Present) {
  return {
    events: peer.events.last,
    ...room.othersOf(peer),
    rtpCapabilities: peer.media.at.router.rtpCapabilities,
    encodings,
  };
}
