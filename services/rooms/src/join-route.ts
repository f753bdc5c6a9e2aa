import type { ApiClient, App, Logger } from '@tandem/common';
import { permissionsOf, roleOf } from './admission.ts';
import type { authApi } from './contracts/auth-api.ts';
import { type createGrants, GRANT_S } from './grants.ts';
import type { Members } from './members.ts';
import { requireOpenSession } from './open-session.ts';
import { fetchOwnName, type UsersClient } from './people.ts';
import {
  guestsNotWelcome,
  notInvited,
  refused,
  roomClosed,
  roomNotFound,
  sessionEnded,
  tooManyMembers,
} from './problems.ts';
import type { RoomStore } from './room-store.ts';
import { viewOf } from './room-view.ts';
import { Entry, Grant, RoomParams } from './schemas.ts';

export interface JoinRoute {
  store: RoomStore;
  members: Members;
  grantOf: ReturnType<typeof createGrants>;
  auth: ApiClient<typeof authApi>;
  users: UsersClient;
  log: Logger;
}

/** The way into a call: decides what somebody becomes there, and writes that into a grant. */
export function addJoinRoute(app: App, { store, members, grantOf, auth, users, log }: JoinRoute): void {
  app.post(
    '/api/rooms/:id/join',
    {
      config: {
        access: 'guest',
        problems: [
          ...[roomNotFound, roomClosed, sessionEnded],
          ...[notInvited, guestsNotWelcome, refused, tooManyMembers],
        ],
      },
      schema: {
        summary: 'Get a grant for a room',
        description:
          'The grant names the room, the role and every permission, and is meant to be used at once. In the lobby, ' +
          'ask again every few seconds: the role changes when a moderator has decided.',
        params: RoomParams,
        body: Entry,
        response: { 200: Grant },
      },
    },
    async ({ params, user, body }, reply) => {
      const room = await store.getOpen(params.id);
      const [standing, name] = await Promise.all([
        members.standing(room.id, user.id, body?.code),
        user.guest?.name ?? fetchOwnName(users, log),
        requireOpenSession(auth, log),
      ]);
      const role = roleOf(room, user, standing);
      if (role === 'lobby') await members.wait(room.id, user.id, name ?? '');
      // A door that is closed later keeps others out, not those who are inside. An invitation can be taken back.
      const isByOpenDoor = role === 'participant' && !standing.invited && !standing.admitted;
      if (isByOpenDoor) await members.stay(room.id, user.id);
      const permissions = permissionsOf(room, role);
      const named = name === null ? {} : { name };
      const grant = await grantOf(user.id, { room: room.id, role, permissions, ...named });
      return reply
        .header('cache-control', 'no-store')
        .send({ grant, expiresIn: GRANT_S, role, permissions, room: viewOf(room, user.id) });
    },
  );
}
