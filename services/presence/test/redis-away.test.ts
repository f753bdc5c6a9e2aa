import { waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startPresence } from './support.ts';

test.each(['gone', 'hanging'])(
  'while its Redis is %s it says so; afterwards whoever speaks again is there again',
  async (how) => {
    await using presence = await startPresence();
    const ada = newId();
    const requests = [
      () => presence.send('PUT', '/api/presence/me', ada, { state: 'here', page: 'page-one' }),
      () => presence.send('GET', `/api/presence?ids=${ada}`, ada),
      () => presence.send('DELETE', '/api/presence/me?page=page-one', ada),
    ];
    await (how === 'gone' ? presence.redis.kill() : presence.redis.freeze());
    for (const request of requests) {
      const { status, code } = await request();
      expect([status, code]).toEqual([503, 'dependency-unavailable']);
    }
    await (how === 'gone' ? presence.redis.start() : presence.redis.thaw());
    await waitFor(
      'it is ready again',
      async () => (await presence.send('GET', '/healthz/ready')).status === 200,
    );
    expect(await presence.say(ada, 'here')).toBe(200);
    expect(await presence.states(ada)).toEqual(['here']);
  },
);
