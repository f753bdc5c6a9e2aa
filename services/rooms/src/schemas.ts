import { StrictObject, Type } from '@tandem/common';
import { ENTRIES, GRANTABLE, PERMISSIONS } from './room.ts';

/** 16 random bytes in base64url. */
const Id = Type.String({ pattern: '^[\\w-]{22}$' });

const OrNull = Type.Union([Type.String(), Type.Null()]);

export const RoomParams = Type.Object({ id: Id });
export const MemberParams = Type.Object({ id: Id, userId: Id });
export const InvitationParams = Type.Object({ id: Id, invitationId: Id });

/** Printable, and not only blanks. */
const RoomName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\p{C}]*[^\\p{C}\\p{Z}][^\\p{C}]*$',
});

const StartsAt = Type.Union([Type.String({ format: 'date-time', maxLength: 40 }), Type.Null()], {
  description: 'With any time zone; null: not scheduled',
});

const Minutes = Type.Union([Type.Integer({ minimum: 1, maximum: 1440 }), Type.Null()]);

const settings = {
  entry: Type.Enum([...ENTRIES], {
    description: 'Who gets in: whoever has the link; whoever was invited or is let in; whoever was invited',
  }),
  guests: Type.Boolean({ description: 'People without an account may come, as far as `entry` lets them' }),
  participantsMay: Type.Array(Type.Enum([...GRANTABLE]), { maxItems: GRANTABLE.length, uniqueItems: true }),
};

const SettingsChanges = StrictObject({
  entry: Type.Optional(settings.entry),
  guests: Type.Optional(settings.guests),
  participantsMay: Type.Optional(settings.participantsMay),
});

export const NewRoom = StrictObject({
  name: RoomName,
  startsAt: Type.Optional(StartsAt),
  minutes: Type.Optional(Minutes),
  settings: Type.Optional(SettingsChanges),
});

export const RoomChanges = StrictObject(
  {
    name: Type.Optional(RoomName),
    startsAt: Type.Optional(StartsAt),
    minutes: Type.Optional(Minutes),
    settings: Type.Optional(SettingsChanges),
  },
  { minProperties: 1, description: 'What is not named stays' },
);

export const RoomView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  mine: Type.Boolean({ description: 'The caller owns it' }),
  startsAt: OrNull,
  minutes: Type.Union([Type.Integer(), Type.Null()]),
  settings: Type.Object(settings),
  createdAt: Type.String({ format: 'date-time' }),
  closedAt: OrNull,
});

export const ListQuery = StrictObject({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(Type.String({ maxLength: 80, description: '`nextCursor` of the page before' })),
  upcoming: Type.Boolean({
    default: false,
    description: 'Only those that are scheduled and not over, the next one first; a page may be shorter',
  }),
});

export const RoomPage = Type.Object({
  rooms: Type.Array(RoomView),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page' }),
});

/** Most people come without one. */
export const Entry = Type.Union([
  StrictObject({
    code: Type.Optional(Type.String({ pattern: '^[\\w-]{22}$', description: 'Of an invitation by mail' })),
  }),
  Type.Null(),
]);

export const Grant = Type.Object({
  grant: Type.String({ description: 'Token for the servers that carry the call' }),
  expiresIn: Type.Integer({ description: 'Seconds' }),
  role: Type.Enum(['moderator', 'participant', 'lobby'], {
    description: 'In the lobby: ask again every few seconds until a moderator has decided',
  }),
  permissions: Type.Array(Type.Enum([...PERMISSIONS]), { description: 'What is not named is denied' }),
  room: RoomView,
});

/** One of the two. */
export const NewInvitation = StrictObject(
  {
    userId: Type.Optional(Id),
    email: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
  },
  { minProperties: 1, description: 'A user, or an address that gets a mail with a link' },
);

export const Invitation = Type.Object({
  id: Type.String(),
  userId: OrNull,
  email: OrNull,
  invitedBy: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
});

export const CreatedInvitation = Type.Object({
  ...Invitation.properties,
  code: Type.Union([Type.String(), Type.Null()], {
    description: 'Of one by mail: opens the room to whoever has it; shown only this once',
  }),
});

export const InvitationList = Type.Object({ invitations: Type.Array(Invitation) });

export const ModeratorList = Type.Object({
  ownerId: Type.String(),
  moderators: Type.Array(Type.String(), { description: 'Ids of users, besides the owner' }),
});

export const Lobby = Type.Object({
  waiting: Type.Array(Type.Object({ userId: Type.String(), name: Type.String() }), {
    description: 'Those who came first, first',
  }),
});
