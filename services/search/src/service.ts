import { defineService, UnavailableError } from '@tandem/common';
import { handlers } from './events.ts';
import { Follower } from './follower.ts';
import { prefixOf, resultOf } from './kinds.ts';
import { SearchQuery, SearchResults } from './schemas.ts';

export const search = defineService({
  name: 'search',
  description: 'Finds people and rooms while somebody types.',
  redis: true,
  consumes: handlers,
  routes(app, { connectRedis, log, readyWhen }) {
    const follower = new Follower(connectRedis(), log);
    readyWhen('index', async () => {
      if (follower.index === null) throw new UnavailableError('search', 'the index is being read');
    });
    app.addHook('onReady', async () => follower.start());
    app.addHook('onClose', () => follower.stop());

    app.get(
      '/api/search',
      {
        schema: {
          summary: 'People and rooms whose names begin like this',
          description:
            'Accents, capitals and the order of words do not matter, nor do small slips where little else fits. ' +
            'Rooms are found by their owners and by those who were invited.',
          querystring: SearchQuery,
          response: { 200: SearchResults },
        },
      },
      async ({ query: { q, kind, limit }, user }, reply) => {
        const { index } = follower;
        if (index === null) throw new UnavailableError('search', 'the index is being read');
        const filter = { user: user.id, ...(kind === undefined ? {} : { prefix: prefixOf(kind) }) };
        const results = index.find(q, filter, limit).map(resultOf);
        return reply.header('cache-control', 'no-store').send({ results });
      },
    );
  },
});
