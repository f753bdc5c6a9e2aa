import { waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { newId, startUsers } from './support.ts';

test.each(['gone', 'hanging'])(
  'while its Redis is %s it says so, and afterwards everything is as before',
  async (how) => {
    const ada = newId();
    await using users = await startUsers({ [ada]: 'Ada' });
    const requests = [
      () => users.send('GET', '/api/users/me', { as: ada }),
      () => users.send('PATCH', '/api/users/me', { as: ada, body: { name: 'Ada Lovelace' } }),
      () => users.send('GET', `/api/users/${ada}`, { as: ada }),
      () => users.send('GET', `/api/users?ids=${ada}`, { as: ada }),
    ];
    for (const request of requests) expect((await request()).status).toBe(200);
    await (how === 'gone' ? users.redis.kill() : users.redis.freeze());
    for (const request of requests) {
      const { status, code } = await request();
      expect([status, code]).toEqual([503, 'dependency-unavailable']);
    }
    await (how === 'gone' ? users.redis.start() : users.redis.thaw());
    await waitFor(
      'it is ready again',
      async () => (await users.send('GET', '/healthz/ready')).status === 200,
    );
    for (const request of requests) expect((await request()).status).toBe(200);
    expect((await users.send('GET', '/api/users/me', { as: ada })).body.name).toBe('Ada Lovelace');
  },
);
