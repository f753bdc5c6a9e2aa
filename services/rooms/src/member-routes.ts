import { type App, type Logger, problems, type Redis, Type, takeAttempt } from '@tandem/common';
import type { Invitee, Members } from './members.ts';
import { fetchOwnName, requireUser, type UsersClient } from './people.ts';
import {
  notModerator,
  notOwner,
  roomClosed,
  roomNotFound,
  tooManyMembers,
  userNotFound,
} from './problems.ts';
import type { Room } from './room.ts';
import type { RoomStore } from './room-store.ts';
import {
  CreatedInvitation,
  InvitationList,
  InvitationParams,
  Lobby,
  MemberParams,
  ModeratorList,
  NewInvitation,
  RoomParams,
} from './schemas.ts';

export interface MemberRoutes {
  store: RoomStore;
  members: Members;
  redis: Redis;
  users: UsersClient;
  log: Logger;
}

/** Each can send a mail to a stranger. A day of a busy person has fewer. */
const invitationsOfUser = { name: 'invitations', limit: 300, windowS: 24 * 60 * 60 };

/** Who belongs to a room: invitations, moderators, and the decisions about those in the lobby. */
export function addMemberRoutes(app: App, { store, members, redis, users, log }: MemberRoutes): void {
  async function moderated(id: string, userId: string): Promise<Room> {
    const room = await store.getOpen(id);
    const { moderator } = await members.standing(id, userId, undefined);
    if (room.ownerId !== userId && !moderator) throw notModerator();
    return room;
  }

  const ofRoom = [roomNotFound, roomClosed];

  app.post(
    '/api/rooms/:id/invitations',
    {
      config: {
        idempotent: true,
        problems: [...ofRoom, notModerator, userNotFound, tooManyMembers, problems.tooManyRequests],
      },
      schema: {
        summary: 'Invite a user, or somebody by mail',
        description: 'Answers 200 with the invitation that there is, where there is one.',
        params: RoomParams,
        body: NewInvitation,
        response: { 200: CreatedInvitation, 201: CreatedInvitation },
      },
    },
    async ({ params, user, body }, reply) => {
      const whom = inviteeOf(body);
      const room = await moderated(params.id, user.id);
      await takeAttempt(redis, [[invitationsOfUser, user.id]]);
      const [name] = await Promise.all([
        fetchOwnName(users, log),
        whom.userId === null ? null : requireUser(users, whom.userId),
      ]);
      const inviter = { id: user.id, name };
      const { invitation, code, created } = await members.invite(room, inviter, whom);
      return reply
        .code(created ? 201 : 200)
        .headers({
          location: `/api/rooms/${room.id}/invitations/${invitation.id}`,
          'cache-control': 'no-store',
        })
        .send({ ...invitation, code });
    },
  );

  app.get(
    '/api/rooms/:id/invitations',
    {
      config: { problems: [...ofRoom, notModerator] },
      schema: { summary: 'Who was invited', params: RoomParams, response: { 200: InvitationList } },
    },
    async ({ params, user }) => {
      await moderated(params.id, user.id);
      return { invitations: await members.invitations(params.id) };
    },
  );

  app.delete(
    '/api/rooms/:id/invitations/:invitationId',
    {
      config: { problems: [...ofRoom, notModerator] },
      schema: {
        summary: 'Take an invitation back',
        params: InvitationParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, user }, reply) => {
      const room = await moderated(params.id, user.id);
      await members.uninvite(room, user.id, params.invitationId);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/rooms/:id/moderators',
    {
      config: { problems: [...ofRoom, notModerator] },
      schema: { summary: 'Who moderates', params: RoomParams, response: { 200: ModeratorList } },
    },
    async ({ params, user }) => {
      const { ownerId } = await moderated(params.id, user.id);
      return { ownerId, moderators: await members.moderators(params.id) };
    },
  );

  app.put(
    '/api/rooms/:id/moderators/:userId',
    {
      config: { problems: [...ofRoom, notOwner, userNotFound, tooManyMembers] },
      schema: { summary: 'Make somebody a moderator', params: MemberParams, response: { 204: Type.Null() } },
    },
    async ({ params, user }, reply) => {
      const room = await store.getOpen(params.id);
      if (room.ownerId !== user.id) throw notOwner();
      await requireUser(users, params.userId);
      await members.addModerator(params.id, user.id, params.userId);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/rooms/:id/moderators/:userId',
    {
      config: { problems: [...ofRoom, notOwner] },
      schema: {
        summary: 'Make somebody a moderator no longer',
        params: MemberParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, user }, reply) => {
      await members.removeModerator(params.id, user.id, params.userId);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/rooms/:id/lobby',
    {
      config: { problems: [...ofRoom, notModerator] },
      schema: { summary: 'Who waits to be let in', params: RoomParams, response: { 200: Lobby } },
    },
    async ({ params, user }) => {
      await moderated(params.id, user.id);
      return { waiting: await members.lobby(params.id) };
    },
  );

  app.put(
    '/api/rooms/:id/admissions/:userId',
    {
      config: { problems: [...ofRoom, notModerator] },
      schema: {
        summary: 'Let somebody in who waits',
        description: 'Holds for a day.',
        params: MemberParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, user }, reply) => {
      await members.decide(params.id, user.id, params.userId, 'admit');
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/rooms/:id/admissions/:userId',
    {
      config: { problems: [...ofRoom, notModerator] },
      schema: {
        summary: 'Keep somebody out, also one who was let in or invited before',
        description: 'Holds for a day, or until they are let in.',
        params: MemberParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ params, user }, reply) => {
      await members.decide(params.id, user.id, params.userId, 'refuse');
      return reply.code(204).send(null);
    },
  );
}

/** @throws Problem invalid-request unless it is exactly one of the two */
function inviteeOf({ userId, email }: { userId?: string | undefined; email?: string | undefined }): Invitee {
  if (userId !== undefined && email === undefined) return { userId, email: null };
  if (email !== undefined && userId === undefined) {
    return { userId: null, email: email.normalize('NFKC').toLowerCase() };
  }
  throw problems.invalidRequest(undefined, {
    errors: [{ in: 'body', pointer: '', detail: 'must have userId or email, not both' }],
  });
}
