import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type EchoEdge, startEchoEdge } from './echo-edge.ts';

/** What the edge lets through where a route says so, and to which instance. */

let edge: EchoEdge;

beforeAll(async () => {
  edge = await startEchoEdge(
    `
  echo: { directory: echo, routes: [/echo] }
  live: { directory: echo, routes: [{ path: /live, websocket: true }] }
`,
    { echo: '/echo', live: '/live' },
  );
});

afterAll(async () => edge.stack.stop());

describe('WebSockets', () => {
  test('are let through where the route says so, and the session comes back to its instance', async () => {
    const cookie = await session();
    const instances = await Promise.all(Array.from({ length: 6 }, () => socket('/live', cookie)));
    expect(new Set(instances).size).toBe(1);
    const { instance } = await edge.echo('/live', { headers: { cookie } });
    expect(instance).toBe(instances[0]);
  });

  test('sessions are spread over the instances', async () => {
    const found = new Set<string>();
    await until('both instances have sessions', async () => {
      found.add(await socket('/live', await session()));
      return found.size === 2;
    });
  });

  test('are not opened elsewhere, nor any other protocol anywhere', async () => {
    const upgrade = (path: string, protocol: string) =>
      edge.raw(path, { headers: { connection: 'upgrade', upgrade: protocol } }, []);
    expect((await upgrade('/echo', 'websocket')).status).toBe(200);
    expect((await upgrade('/live', 'h2c')).status).toBe(200);
  });

  test('a forged session is not taken over', async () => {
    const answer = await edge.get('/live', { headers: { cookie: 'tandem_session=forged; other=1' } });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^tandem_session=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  async function session(): Promise<string> {
    const answer = await edge.get('/live');
    await answer.body?.cancel();
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  }
});

/** Opens a WebSocket with a cookie and gives back its first message: the instance. */
function socket(path: string, cookie: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${edge.stack.edge}${path}`, {
      agent: false,
      headers: {
        cookie,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    });
    request.on('error', reject);
    request.on('response', ({ statusCode }) => reject(new Error(`no upgrade but ${statusCode}`)));
    request.on('upgrade', (_, connection, head) => {
      const read = (frame: Buffer) => {
        connection.destroy();
        resolve(frame.subarray(2).toString());
      };
      if (head.length > 0) read(head);
      else connection.once('data', read);
    });
    request.end();
  });
}
