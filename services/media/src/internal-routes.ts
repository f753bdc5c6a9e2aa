import type { App } from '@tandem/common';
import type { Rooms } from './rooms.ts';
import { Calls, Load } from './schemas.ts';
import type { WorkerPool } from './worker-pool.ts';

/** For those who choose a media server, and for operators who empty one. The edge lets nobody in here from outside. */
export function addInternalRoutes(app: App, rooms: Rooms, pool: WorkerPool, cloud: string): void {
  const config = { access: 'public' } as const;

  app.get(
    '/internal/load',
    { config, schema: { summary: 'How much it carries', response: { 200: Load } } },
    async () => ({ cloud, workers: pool.workers.length, draining: rooms.isDraining, ...rooms.count() }),
  );

  app.get(
    '/internal/calls',
    { config, schema: { summary: 'The calls that it carries', response: { 200: Calls } } },
    async () => ({ draining: rooms.isDraining, calls: rooms.calls() }),
  );

  app.put(
    '/internal/drain',
    {
      config,
      schema: {
        summary: 'Empty it',
        description: 'No call comes here any more, and those that are here are asked to go elsewhere.',
        response: { 200: Calls },
      },
    },
    async () => {
      rooms.drain(true);
      return { draining: true, calls: rooms.calls() };
    },
  );

  app.delete(
    '/internal/drain',
    {
      config,
      schema: {
        summary: 'Let calls come again',
        description: 'Those that have left do not come back.',
        response: { 200: Calls },
      },
    },
    async () => {
      rooms.drain(false);
      return { draining: false, calls: rooms.calls() };
    },
  );
}
