import { defineEvent, Type } from '@tandem/common';

const DateTime = Type.String({ format: 'date-time' });
const Start = Type.Union([DateTime, Type.Null()], { description: 'Null: not scheduled' });
const Minutes = Type.Union([Type.Integer(), Type.Null()], { description: 'Null: not said' });
const OrNull = Type.Union([Type.String(), Type.Null()]);
const Email = Type.Union([Type.String({ format: 'email', maxLength: 254 }), Type.Null()]);

export const roomCreated = defineEvent({
  name: 'room.created',
  version: 1,
  description: 'Somebody made a room.',
  schema: Type.Object({
    id: Type.String(),
    name: Type.String(),
    ownerId: Type.String(),
    startsAt: Start,
    minutes: Minutes,
    createdAt: DateTime,
  }),
  key: ({ id }) => id,
});

export const roomChanged = defineEvent({
  name: 'room.changed',
  version: 1,
  description: 'The name or the time of a room is another one. What is not named stays.',
  schema: Type.Object({
    id: Type.String(),
    name: Type.Optional(Type.String()),
    startsAt: Type.Optional(Start),
    minutes: Type.Optional(Minutes),
  }),
  key: ({ id }) => id,
});

export const roomClosed = defineEvent({
  name: 'room.closed',
  version: 1,
  description: 'Nobody gets into the room any more.',
  schema: Type.Object({ id: Type.String(), closedAt: DateTime }),
  key: ({ id }) => id,
});

export const roomInvited = defineEvent({
  name: 'room.invited',
  version: 1,
  description: 'Somebody was invited: a user, or whoever reads the mail of an address.',
  schema: Type.Object({
    roomId: Type.String(),
    roomName: Type.String(),
    invitationId: Type.String(),
    inviterId: Type.String(),
    inviterName: Type.Optional(Type.String({ description: 'Missing where it could not be had' })),
    userId: OrNull,
    email: Email,
    code: Type.Union([Type.String(), Type.Null()], {
      description: 'Opens the room to whoever has it; for the link in the mail, and for no log',
    }),
    startsAt: Start,
    minutes: Minutes,
  }),
  key: ({ roomId }) => roomId,
});

export const roomUninvited = defineEvent({
  name: 'room.uninvited',
  version: 1,
  description: 'An invitation was taken back.',
  schema: Type.Object({
    roomId: Type.String(),
    roomName: Type.Optional(Type.String()),
    invitationId: Type.String(),
    userId: OrNull,
    email: Type.Optional(Email),
  }),
  key: ({ roomId }) => roomId,
});
