import { addJwks, createSigningKeys, defineService, SecretText, Type } from '@tandem/common';
import { requireOpenSession } from './auth-api.ts';
import { GRANT_S, signGrant } from './grants.ts';
import { notOwner, roomNotFound, sessionEnded, tooManyRooms } from './problems.ts';
import { createRoomStore, type Room } from './room-store.ts';
import { Grant, ListQuery, NewRoom, RoomPage, RoomParams, RoomView } from './schemas.ts';

const NAME = 'rooms';

export const rooms = defineService({
  name: NAME,
  description: 'Rooms, and the grants that let people into them.',
  redis: true,
  calls: ['auth'],
  config: {
    grantPrivateKey: SecretText({
      description: 'RSA private keys, PEM: the first signs grants, all are published',
    }),
  },
  routes(app, { config, redis, client, log }) {
    const store = createRoomStore(redis);
    const keys = createSigningKeys(config.grantPrivateKey);

    app.post(
      '/api/rooms',
      {
        config: { idempotent: true, problems: [tooManyRooms] },
        schema: { summary: 'Create a room', body: NewRoom, response: { 201: RoomView } },
      },
      async ({ body, user }, reply) => {
        const room = await store.create({ name: body.name, ownerId: user.id });
        log.info({ room: room.id }, 'room created');
        return reply.code(201).header('location', `/api/rooms/${room.id}`).send(viewOf(room, user.id));
      },
    );

    app.get(
      '/api/rooms',
      { schema: { summary: 'My rooms, newest first', querystring: ListQuery, response: { 200: RoomPage } } },
      async ({ query, user }) => {
        const page = await store.listOwned(user.id, query.limit, query.cursor);
        return { rooms: page.rooms.map((room) => viewOf(room, user.id)), nextCursor: page.nextCursor };
      },
    );

    app.get(
      '/api/rooms/:id',
      {
        config: { problems: [roomNotFound] },
        schema: {
          summary: 'A room',
          description: 'For everybody who knows its id, which cannot be guessed.',
          params: RoomParams,
          response: { 200: RoomView },
        },
      },
      async ({ params, user }) => viewOf(await store.get(params.id), user.id),
    );

    app.delete(
      '/api/rooms/:id',
      {
        config: { problems: [roomNotFound, notOwner] },
        schema: { summary: 'Delete a room of mine', params: RoomParams, response: { 204: Type.Null() } },
      },
      async ({ params, user }, reply) => {
        await store.delete(params.id, user.id);
        log.info({ room: params.id }, 'room deleted');
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/api/rooms/:id/join',
      {
        config: { problems: [roomNotFound, sessionEnded] },
        schema: {
          summary: 'Get a grant for a room',
          description: 'The grant names the room and every permission; it is meant to be used at once.',
          params: RoomParams,
          response: { 200: Grant },
        },
      },
      async ({ params, user }, reply) => {
        const room = await store.get(params.id);
        await requireOpenSession(client('auth'), log);
        const { grant, permissions } = signGrant(keys, room, user.id);
        return reply
          .header('cache-control', 'no-store')
          .send({ grant, expiresIn: GRANT_S, permissions, room: viewOf(room, user.id) });
      },
    );

    addJwks(app, NAME, keys);
  },
});

function viewOf({ id, name, ownerId, createdAt }: Room, userId: string) {
  return { id, name, mine: ownerId === userId, createdAt };
}
