import { createRemoteKeySet, defineService, JwksSchema, jwksPath, noKeys, on } from '@tandem/common';
import { roomClosed } from './contracts/rooms.ts';
import { addEventRoute } from './event-route.ts';
import { createGrantReader } from './grant.ts';
import { addMessageRoutes } from './message-routes.ts';
import { forgetRoom, MessageStore } from './message-store.ts';
import { Tails } from './tails.ts';

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
    const tails = new Tails(store, connectRedis(), log);
    app.addHook('onClose', async () => tails.close());
    addMessageRoutes(app, store, redis, readGrant);
    addEventRoute(app, store, tails, readGrant);
  },
});
