import {
  createRemoteKeySet,
  defineService,
  JwksSchema,
  jwksPath,
  noKeys,
  on,
  StreamFeeds,
} from '@tandem/common';
import { roomClosed } from './contracts/rooms.ts';
import { addEventRoute } from './event-route.ts';
import { createGrantReader } from './grant.ts';
import { addMessageRoutes } from './message-routes.ts';
import { forgetRoom, MessageStore, PAGE } from './message-store.ts';
import type { Message } from './schemas.ts';

/** Nobody waits longer for a message whose wake-up was lost, in ms. */
const LOOK_MS = 5_000;

export const chat = defineService({
  name: 'chat',
  description: 'What people in a room write to each other.',
  redis: true,
  calls: ['rooms'],
  // Nobody comes here with an access token: the grant says who it is.
  tokenKeys: noKeys,
  consumes: () => [on(roomClosed, ({ data: { id }, change }) => forgetRoom(change, id))],
  routes(app, { client, connectRedis, log, readyWhen, redis }) {
    const roomsService = client('rooms');
    const grantKeys = createRemoteKeySet('rooms', () =>
      roomsService.get(jwksPath('rooms'), { response: JwksSchema, timeoutMs: 1_500 }),
    );
    readyWhen('grant-keys', () => grantKeys.refresh());
    const readGrant = createGrantReader(grantKeys);
    const store = new MessageStore(redis);
    const feeds = new StreamFeeds<Message>({
      ...{ wakes: connectRedis(), channel: 'messages', lookMs: LOOK_MS, log },
      after: (room, cursor) => store.after(room, cursor),
      page: PAGE,
      latest: (room) => store.latest(room),
      placeOf: ({ cursor }) => cursor,
    });
    app.addHook('onClose', async () => feeds.close());
    addMessageRoutes(app, store, redis, readGrant);
    addEventRoute(app, store, feeds, readGrant);
  },
});
