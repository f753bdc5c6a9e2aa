import { defineEvent, Type } from '@tandem/common';

export const userRegistered = defineEvent({
  name: 'user.registered',
  version: 1,
  description: 'Somebody opened an account.',
  schema: Type.Object({
    id: Type.String(),
    email: Type.String({
      format: 'email',
      maxLength: 254,
      description: 'Lower case. Not for the eyes of other people.',
    }),
    name: Type.String({ description: 'As it was given at registration' }),
    registeredAt: Type.String({ format: 'date-time' }),
  }),
  key: ({ id }) => id,
});
