import { waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startRooms } from './support.ts';

test.each(['gone', 'hanging'])(
  'while its Redis is %s it says so, and afterwards everything is as before',
  async (how) => {
    await using rooms = await startRooms();
    const ada = newId();
    const id = await rooms.create(ada);
    const requests = [
      () => rooms.send('GET', '/api/rooms', { as: ada }),
      () => rooms.send('GET', `/api/rooms/${id}`, { as: ada }),
      () => rooms.send('PATCH', `/api/rooms/${id}`, { as: ada, body: { name: 'Retro' } }),
      () => rooms.send('POST', `/api/rooms/${id}/join`, { as: ada }),
      () => rooms.send('GET', `/api/rooms/${id}/lobby`, { as: ada }),
    ];
    await (how === 'gone' ? rooms.redis.kill() : rooms.redis.freeze());
    for (const request of requests) {
      const { status, code } = await request();
      expect([status, code]).toEqual([503, 'dependency-unavailable']);
    }
    await (how === 'gone' ? rooms.redis.start() : rooms.redis.thaw());
    await waitFor(
      'it is ready again',
      async () => (await rooms.send('GET', '/healthz/ready')).status === 200,
    );
    for (const request of requests) expect((await request()).status).toBe(200);
  },
  60_000,
);
