import { defineService, on } from '@tandem/common';
import { userRegistered } from './contracts/auth.ts';
import { authApi } from './contracts/auth-api.ts';
import { userRenamed } from './events.ts';
import { createProfiles } from './profiles.ts';
import { addRoutes } from './routes.ts';

export const users = defineService({
  name: 'users',
  description: 'Profiles: how people are shown, and what language and time zone they live in.',
  redis: true,
  calls: ['auth'],
  publishes: [userRenamed],
  consumes: ({ redis, change }) => {
    const profiles = createProfiles(redis, change);
    return [
      on(userRegistered, ({ data: { id, name, registeredAt }, change: step }) =>
        profiles.create({ id, name, createdAt: registeredAt }, step),
      ),
    ];
  },
  routes(app, { redis, change, client }) {
    addRoutes(app, createProfiles(redis, change), client(authApi));
  },
});
