import { defineService, noKeys, on } from '../../src/index.ts';
import { thingMade } from './events.ts';

/** Once for each id, however often it is asked for. */
const MAKE = `
if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then publish() end
return 0
`;

/**
 * A service that dies when a message tells it to: by `kill -9` before it has done anything ("poison"), or after the effect
 * and before the acknowledgement ("die-after"), the first time it sees that message.
 */
await defineService({
  name: 'player',
  description: '',
  redis: true,
  publishes: [thingMade],
  tokenKeys: noKeys,
  consumes: ({ redis }) => [
    on(thingMade, async ({ data, change }) => {
      if (data.id.startsWith('poison')) process.kill(process.pid, 'SIGKILL');
      const deaths = data.id.startsWith('die-after') ? await redis.incr(`deaths:${data.id}`) : 0;
      await change({ commands: [['INCR', `effect:${data.id}`]] });
      if (deaths === 1) process.kill(process.pid, 'SIGKILL');
    }),
  ],
  routes(app, { change }) {
    app.post('/api/player/things/:id', { config: { access: 'public' } }, async ({ url }) => {
      const id = url.split('/').at(-1) ?? '';
      await change({ script: MAKE, keys: ['made'], args: [id], publish: [thingMade({ id, size: 1 })] });
      return { id };
    });
  },
}).start();
