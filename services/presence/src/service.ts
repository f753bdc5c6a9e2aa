import { defineService } from '@tandem/common';
import { addPresenceRoutes } from './presence-routes.ts';
import { PresenceStore } from './presence-store.ts';

export const presence = defineService({
  name: 'presence',
  description: 'Who is there at the moment, and who is in a call.',
  redis: true,
  routes(app, { redis }) {
    addPresenceRoutes(app, new PresenceStore(redis));
  },
});
