import { StrictObject, Type } from '@tandem/common';
import { PERMISSIONS } from './grants.ts';

/** 16 random bytes in base64url. */
const RoomId = Type.String({ pattern: '^[\\w-]{22}$' });

export const RoomParams = Type.Object({ id: RoomId });

/** Printable, and not only blanks. */
const RoomName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\p{C}]*[^\\p{C}\\p{Z}][^\\p{C}]*$',
});

export const NewRoom = StrictObject({ name: RoomName });

export const RoomView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  mine: Type.Boolean({ description: 'The caller owns it' }),
  createdAt: Type.String({ format: 'date-time' }),
});

export const ListQuery = StrictObject({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(Type.String({ maxLength: 40, description: '`nextCursor` of the page before' })),
});

export const RoomPage = Type.Object({
  rooms: Type.Array(RoomView),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page' }),
});

export const Grant = Type.Object({
  grant: Type.String({ description: 'Token for the servers that carry the call' }),
  expiresIn: Type.Integer({ description: 'Seconds' }),
  permissions: Type.Array(Type.Enum([...PERMISSIONS]), { description: 'What is not named is denied' }),
  room: RoomView,
});
