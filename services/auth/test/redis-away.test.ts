import { waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { startAuth } from './support.ts';

test.each(['gone', 'hanging'])(
  'while its Redis is %s it says so, and afterwards everything is as before',
  async (how) => {
    await using auth = await startAuth();
    const { email, password, accessToken, refreshToken } = await auth.register();
    const login = () => auth.send('POST', '/api/auth/login', { body: { email, password } });
    const requests = [
      login,
      () => auth.send('POST', '/api/auth/refresh', { body: { refreshToken } }),
      () => auth.send('GET', '/api/auth/me', { token: accessToken }),
      () => auth.send('GET', '/internal/auth/session', { token: accessToken }),
    ];

    await (how === 'gone' ? auth.redis.kill() : auth.redis.freeze());
    for (const request of requests) {
      const { status, code } = await request();
      expect([status, code]).toEqual([503, 'dependency-unavailable']);
    }
    expect((await auth.send('GET', '/healthz/ready')).status).toBe(503);
    expect((await auth.send('GET', '/api/auth/.well-known/jwks.json')).status).toBe(200);

    await (how === 'gone' ? auth.redis.start() : auth.redis.thaw());
    await waitFor('it is ready again', async () => (await auth.send('GET', '/healthz/ready')).status === 200);
    for (const request of requests) expect((await request()).status).toBe(200);
  },
);
