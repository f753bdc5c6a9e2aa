import { type App, Type } from '@tandem/common';
import { LASTS_S, type PresenceStore } from './presence-store.ts';
import { Leaving, Presences, PresencesQuery, Said, Saying } from './schemas.ts';

/** Saying that one is there, and asking who is. A guest is in one call only, and nobody looks for guests. */
export function addPresenceRoutes(app: App, store: PresenceStore): void {
  app.put(
    '/api/presence/me',
    {
      schema: {
        summary: 'Say that I am here',
        description: 'Again within the time of the answer; whoever falls silent is gone.',
        body: Saying,
        response: { 200: Said },
      },
    },
    async ({ user, body: { page, state } }) => {
      await store.say(user.id, page, state);
      return { againWithinS: LASTS_S };
    },
  );

  app.delete(
    '/api/presence/me',
    {
      schema: {
        summary: 'Say that I leave',
        description: 'Of this page; another one that is open speaks for itself.',
        querystring: Leaving,
        response: { 204: Type.Null() },
      },
    },
    async ({ user, query }, reply) => {
      await store.leave(user.id, query.page);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/presence',
    {
      schema: {
        summary: 'Who of these is there',
        querystring: PresencesQuery,
        response: { 200: Presences },
      },
    },
    async ({ query }) => ({ presences: await store.find([...new Set(query.ids.split(','))]) }),
  );
}
