import { type App, expectedVersion, type Logger, problems, Type, versionTag } from '@tandem/common';
import { invalidCursor, notModerator, notOwner, roomClosed, roomNotFound, tooManyRooms } from './problems.ts';
import { DEFAULT_SETTINGS } from './room.ts';
import type { RoomStore } from './room-store.ts';
import { normalizedTime, viewOf } from './room-view.ts';
import { ListQuery, NewRoom, RoomChanges, RoomPage, RoomParams, RoomView } from './schemas.ts';

/** Rooms themselves: made, found, changed and closed. */
export function addRoomRoutes(app: App, store: RoomStore, log: Logger): void {
  app.post(
    '/api/rooms',
    {
      config: { idempotent: true, problems: [tooManyRooms] },
      schema: { summary: 'Create a room, or schedule one', body: NewRoom, response: { 201: RoomView } },
    },
    async ({ body, user }, reply) => {
      const room = await store.create({
        name: body.name,
        ownerId: user.id,
        startsAt: normalizedTime(body.startsAt ?? null),
        minutes: body.minutes ?? null,
        settings: { ...DEFAULT_SETTINGS, ...body.settings },
      });
      log.info({ room: room.id }, 'room created');
      return reply
        .code(201)
        .headers({ location: `/api/rooms/${room.id}`, etag: versionTag(room.version) })
        .send(viewOf(room, user.id));
    },
  );

  app.get(
    '/api/rooms',
    {
      config: { problems: [invalidCursor] },
      schema: {
        summary: 'My rooms and those I was invited to, the latest first',
        querystring: ListQuery,
        response: { 200: RoomPage },
      },
    },
    async ({ query, user }) => {
      const kind = query.upcoming ? 'upcoming' : 'all';
      const page = await store.list(user.id, kind, query.limit, query.cursor);
      return { rooms: page.rooms.map((room) => viewOf(room, user.id)), nextCursor: page.nextCursor };
    },
  );

  app.get(
    '/api/rooms/:id',
    {
      config: { access: 'guest', problems: [roomNotFound] },
      schema: {
        summary: 'A room',
        description:
          'For everybody who knows its id, which cannot be guessed. A closed one is shown for 30 days.',
        params: RoomParams,
        response: { 200: RoomView },
      },
    },
    async ({ params, user }, reply) => {
      const room = await store.get(params.id);
      return reply.header('etag', versionTag(room.version)).send(viewOf(room, user.id));
    },
  );

  app.patch(
    '/api/rooms/:id',
    {
      config: { problems: [roomNotFound, roomClosed, notModerator, problems.preconditionFailed] },
      schema: {
        summary: 'Change name, time or settings',
        description: 'For moderators. With If-Match only if it is still the version that the ETag names.',
        params: RoomParams,
        body: RoomChanges,
        response: { 200: RoomView },
      },
    },
    async ({ params, user, body, headers }, reply) => {
      const { startsAt, ...others } = body;
      const changes = startsAt === undefined ? others : { ...others, startsAt: normalizedTime(startsAt) };
      const room = await store.update(params.id, user.id, changes, expectedVersion(headers['if-match']));
      return reply.header('etag', versionTag(room.version)).send(viewOf(room, user.id));
    },
  );

  app.delete(
    '/api/rooms/:id',
    {
      config: { problems: [roomNotFound, notOwner] },
      schema: {
        summary: 'Close a room of mine for good',
        params: RoomParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, user }, reply) => {
      await store.close(params.id, user.id);
      log.info({ room: params.id }, 'room closed');
      return reply.code(204).send(null);
    },
  );
}
