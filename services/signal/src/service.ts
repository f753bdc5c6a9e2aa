import websocket from '@fastify/websocket';
import { createRemoteKeySet, defineService, JwksSchema, jwksPath, noKeys, StreamFeeds } from '@tandem/common';
import { Connection } from './connection.ts';
import { createGrantReader } from './grant.ts';
import { createIceServers } from './ice-servers.ts';
import { MediaGateway } from './media-gateway.ts';
import { MediaServers } from './media-servers.ts';
import { Placements } from './placements.ts';
import { LARGEST_FRAME } from './protocol/index.ts';
import { RoomPlaces } from './room-places.ts';
import { RoomStore, type Told } from './room-store.ts';
import { Sessions } from './sessions.ts';
import { settings } from './settings.ts';

/** Nobody waits longer for an event whose wake-up was lost, in ms. */
const LOOK_MS = 2_000;

export const signal = defineService({
  name: 'signal',
  description: 'Tells the people of a call what happens in it, and the media servers what they want.',
  redis: true,
  calls: ['rooms', 'media', 'turn'],
  config: settings,
  tokenKeys: noKeys,
  async routes(app, { config, client, connectRedis, instances, log, readyWhen, redis }) {
    const { resumeWithinMs, peoplePerRoom, peoplePerServer } = config;
    const roomsService = client('rooms');
    const grantKeys = createRemoteKeySet('rooms', () =>
      roomsService.get(jwksPath('rooms'), { response: JwksSchema, timeoutMs: 1_500 }),
    );
    readyWhen('grant-keys', () => grantKeys.refresh());
    const store = new RoomStore(redis, { resumeWithinMs, peoplePerRoom });
    const feeds = new StreamFeeds<Told>({
      ...{ wakes: connectRedis(), channel: 'rooms', lookMs: LOOK_MS, log },
      after: (room, seen) => store.after(room, seen),
      page: Number.POSITIVE_INFINITY,
      latest: (room) => store.latest(room),
      placeOf: ({ seen }) => seen,
    });
    const servers = new MediaServers(redis, () => instances('media'), config.cloud);
    const media = new MediaGateway(
      servers,
      new RoomPlaces(servers, new Placements(redis), peoplePerServer, log),
      log,
    );
    const sessions = new Sessions({
      store,
      feeds,
      media,
      iceServers: createIceServers(client('turn'), log),
      readGrant: createGrantReader(grantKeys),
      resumeWithinMs,
      log,
    });
    await app.register(websocket, {
      // Nothing is compressed, so that a small message cannot become a large one.
      options: { maxPayload: LARGEST_FRAME, perMessageDeflate: false },
      // In place of the package's own, which closes connections without a word.
      preClose(done) {
        sessions.move();
        for (const socket of app.websocketServer.clients) socket.close(1012);
        app.websocketServer.close(() => done());
      },
    });
    app.addHook('onClose', async () => {
      media.close();
      feeds.close();
    });
    app.get(
      '/api/signal',
      { websocket: true, config: { access: 'public' }, schema: { hide: true } },
      (socket) => void new Connection(socket, sessions, log),
    );
  },
});
