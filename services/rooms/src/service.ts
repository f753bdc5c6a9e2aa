import { addJwks, createSigningKeys, defineService, SecretText } from '@tandem/common';
import { authApi } from './contracts/auth-api.ts';
import { usersApi } from './contracts/users-api.ts';
import { roomChanged, roomClosed, roomCreated, roomInvited, roomUninvited } from './events.ts';
import { createGrants } from './grants.ts';
import { addJoinRoute } from './join-route.ts';
import { addMemberRoutes } from './member-routes.ts';
import { createMembers } from './members.ts';
import { addRoomRoutes } from './room-routes.ts';
import { createRoomStore } from './room-store.ts';

const NAME = 'rooms';

export const rooms = defineService({
  name: NAME,
  description: 'Rooms, who may enter them, and the grants that let people in.',
  redis: true,
  calls: ['auth', 'users'],
  publishes: [roomCreated, roomChanged, roomClosed, roomInvited, roomUninvited],
  config: {
    grantPrivateKey: SecretText({
      description: 'RSA private keys, PEM, the newest first; all are published',
    }),
  },
  routes(app, { config, redis, change, client, log }) {
    const keys = createSigningKeys(config.grantPrivateKey);
    const store = createRoomStore(redis, change);
    const members = createMembers(redis, change);
    const grantOf = createGrants(NAME, keys, redis);
    const [auth, users] = [client(authApi), client(usersApi)];

    addRoomRoutes(app, store, log);
    addMemberRoutes(app, { store, members, redis, users, log });
    addJoinRoute(app, { store, members, grantOf, auth, users, log });
    addJwks(app, NAME, keys);
  },
});
