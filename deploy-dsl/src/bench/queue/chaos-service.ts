import { defineService, noKeys, on } from '@tandem/common';
import { benchEvent } from './event.ts';

/** The service that is killed: publishes what it is asked for, and counts each event that it handles. */
await defineService({
  name: 'chaos',
  description: '',
  redis: true,
  publishes: [benchEvent],
  tokenKeys: noKeys,
  consumes: () => [
    on(benchEvent, async ({ data, change }) => {
      await change({ commands: [['HINCRBY', 'effects', data.number, 1]] });
    }),
  ],
  routes: () => {},
}).start();
