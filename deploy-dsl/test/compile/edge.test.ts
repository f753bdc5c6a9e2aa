import { createServer, request as httpRequest } from 'node:http';
import { freePorts } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edgeFolder } from '../../src/compile/platform/edge-job.ts';
import { until } from '../support/until.ts';
import { type EdgeStack, startEdgeStack } from './edge-stack.ts';

/** What a request is and does on its way through a real nginx, configured by what services.yml compiles to. */

const yaml = `
tandem: 1
edge: { limit: 100000/s per address }
defaults: { health: { interval: 1s }, update: { healthy: 1s, drain: 1s } }
services:
  echo:
    directory: echo
    instances: 2
    routes:
      - { path: /echo, body: 10KB, timeout: 1s }
      - { path: /limited, limit: 3/m per address }
      - { path: /per-user, limit: 2/m per user }
  live:
    directory: echo
    instances: 2
    routes:
      - { path: /live, websocket: true }
  absent:
    directory: echo
    instances: 0
    routes: [/absent]
`;

let stack: EdgeStack;

beforeAll(async () => {
  stack = await startEdgeStack(import.meta.dirname);
  await stack.deploy(yaml, ['edge', 'echo', 'live']);
  for (const [service, path] of [
    ['echo', '/echo'],
    ['live', '/live'],
  ] as const) {
    await until(`${service} has two instances`, async () => (await stack.passing(service)) === 2);
    await until(`${service} is routed`, async () => (await get(path)).status === 200);
  }
});

afterAll(async () => stack.stop());

const get = (path: string, init: RequestInit = {}) => fetch(`${stack.edge}${path}`, init);

/** What the service says reached it. */
interface Echo {
  instance: string;
  url: string;
  method: string;
  headers: Record<string, string>;
  body: number;
}
async function echo(path: string, init: RequestInit = {}): Promise<Echo> {
  const answer = await get(path, init);
  expect(answer.status).toBe(200);
  return JSON.parse(await answer.text());
}

async function problem(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const body: Record<string, unknown> = JSON.parse(await answer.text());
  expect(body).toMatchObject({
    type: `urn:tandem:problem:${body.code}`,
    status: answer.status,
    requestId: answer.headers.get('x-request-id'),
  });
  return body;
}

describe('a route', () => {
  test('takes its path and everything below, unchanged, and nothing beside it', async () => {
    expect((await echo('/echo')).url).toBe('/echo');
    expect((await echo('/echo/')).url).toBe('/echo/');
    expect((await echo('/echo/a%2Fb/c?q=1&q=2')).url).toBe('/echo/a%2Fb/c?q=1&q=2');
    const answer = await get('/echoes');
    expect(answer.status).toBe(404);
    expect(await problem(answer)).toMatchObject({ code: 'not-found' });
  });

  test('spreads requests over all instances', async () => {
    // One that passes its check is in nginx a moment later.
    await until('both instances are asked', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => echo('/echo')));
      return new Set(answers.map(({ instance }) => instance)).size === 2;
    });
  });

  test('without an instance answers 503 and says when to come again', async () => {
    const answer = await get('/absent');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await problem(answer)).toMatchObject({ code: 'unavailable' });
  });

  test('gives up after its time-out with 504', async () => {
    const answer = await get('/echo?wait=5000', { method: 'POST' });
    expect(answer.status).toBe(504);
    expect(await problem(answer)).toMatchObject({ code: 'upstream-timeout' });
  });

  test("passes a service's own error on as it is", async () => {
    const answer = await get('/echo?status=404');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });
});

describe('an instance that gives no answer', () => {
  test.each([
    ['GET', {}, 2],
    ['DELETE', {}, 2],
    ['POST', {}, 1],
    ['POST', { 'idempotency-key': 'once' }, 2],
    ['PATCH', { 'idempotency-key': 'once' }, 2],
  ])('%s with headers %j reaches %d of two instances', async (method, headers, attempts) => {
    const id = crypto.randomUUID();
    const answer = await get('/echo/a%2Fb?status=503', {
      method,
      headers: { ...headers, 'x-request-id': id },
    });
    expect(answer.status).toBe(503);
    const line: Record<string, unknown> = JSON.parse(await lineOf(id));
    expect(String(line.upstream).split(', ')).toHaveLength(attempts);
    expect(line).toMatchObject({ path: '/echo/a%2Fb', method });
  });

  test('a repeatable POST arrives as it was sent, and its inner address cannot be asked for', async () => {
    const sent = await echo('/echo/a%2Fb/?q=1', {
      method: 'POST',
      body: 'x'.repeat(1000),
      headers: { 'idempotency-key': 'k' },
    });
    expect(sent).toMatchObject({ url: '/echo/a%2Fb/?q=1', method: 'POST', body: 1000 });
    expect((await get('/.tandem/repeatable/echo/0')).status).toBe(404);
  });

  test('whoever fails the check is asked when nobody healthier answers, unless it is in maintenance', async () => {
    const server = createServer((_request, response) => response.end('last resort'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const [closed = 0] = await freePorts(1);
    const answers = () => get('/absent').then(async (answer) => answer.ok && (await answer.text()));
    try {
      await register('ailing', port, 'critical');
      await until('the ailing one is asked', async () => (await answers()) === 'last resort');
      await register('gone', closed, 'passing');
      await until('the healthy one is in nginx', async () => (await edgeConfig()).includes(`:${closed} max`));
      expect(await edgeConfig()).toContain(`:${port} max_fails=0 backup;`);
      expect(await answers()).toBe('last resort');
      await agent('deregister/gone');
      await agent('maintenance/ailing?enable=true');
      await until('nobody is asked', async () => (await get('/absent')).status === 503);
    } finally {
      await Promise.allSettled([agent('deregister/gone'), agent('deregister/ailing')]);
      server.close();
    }
  });

  const agent = async (what: string, body?: unknown) => {
    const answer = await fetch(`${stack.consul.address}/v1/agent/service/${what}`, {
      method: 'PUT',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const register = (id: string, port: number, status: string) =>
    agent('register', {
      ID: id,
      Name: 'absent',
      Address: '127.0.0.1',
      Port: port,
      Tags: ['stable'],
      Check: { TTL: '1h', Status: status },
    });
  const edgeConfig = async () => {
    const [edge = ''] = await stack.instances('edge');
    return (await stack.nomad.allocations.cat(edge, `${edgeFolder}/nginx.conf`)) ?? '';
  };
});

describe('what the service is told', () => {
  test('a request id that looks like one is kept, and comes back', async () => {
    const answer = await get('/echo', { headers: { 'x-request-id': 'phone-4711.abc' } });
    expect(answer.headers.get('x-request-id')).toBe('phone-4711.abc');
    expect(JSON.parse(await answer.text()).headers['x-request-id']).toBe('phone-4711.abc');
  });

  test.each(['short', 'with blanks in it', `x${'y'.repeat(64)}`, 'quote"and{brace}'])(
    'the request id %j is replaced',
    async (id) => {
      const { headers } = await echo('/echo', { headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  test('who the client is comes from the connection, not from the client', async () => {
    const { headers } = await echo('/echo', {
      headers: {
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-proto': 'https',
        'x-real-ip': '1.2.3.4',
        forwarded: 'for=1.2.3.4',
        proxy: 'http://evil',
      },
    });
    expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-real-ip']));
    expect(headers.forwarded).toBeUndefined();
    expect(headers.proxy).toBeUndefined();
  });

  test('the trace and the token are passed on', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { headers } = await echo('/echo', { headers: { traceparent, authorization: 'Bearer x' } });
    expect(headers).toMatchObject({ traceparent, authorization: 'Bearer x' });
  });
});

describe('limits', () => {
  test('a body that is too large is refused with 413, whether its length is announced or not', async () => {
    const announced = await get('/echo', { method: 'POST', body: 'x'.repeat(10_241) });
    expect(announced.status).toBe(413);
    expect(await problem(announced)).toMatchObject({ code: 'body-too-large' });
    const { status } = await raw('/echo', { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, [
      'x'.repeat(8000),
      'x'.repeat(8000),
    ]);
    expect(status).toBe(413);
    expect((await echo('/echo', { method: 'POST', body: 'x'.repeat(10_240) })).body).toBe(10_240);
  });

  test('more requests than allowed get 429 and the seconds to wait', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => get('/limited')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('retry-after')).toBe('20');
    if (refused) expect(await problem(refused)).toMatchObject({ code: 'too-many-requests' });
  });

  test('a limit per user counts each token, and everybody without one by address', async () => {
    const token = (signature: string) => ({
      headers: { authorization: `Bearer head.body.${signature.repeat(43)}` },
    });
    const statuses = async (init: RequestInit) =>
      (await Promise.all(Array.from({ length: 3 }, () => get('/per-user', init))))
        .map(({ status }) => status)
        .toSorted();
    expect(await statuses(token('a'))).toEqual([200, 200, 429]);
    expect(await statuses(token('b'))).toEqual([200, 200, 429]);
    expect(await statuses({})).toEqual([200, 200, 429]);
  });

  test('headers that are too large are refused with 431, an address that is too long with 414', async () => {
    const headers = await get('/echo', { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect(headers.status).toBe(431);
    expect(await problem(headers)).toMatchObject({ code: 'headers-too-large' });
    const address = await get(`/echo?${'x'.repeat(20_000)}`);
    expect(address.status).toBe(414);
    expect(await problem(address)).toMatchObject({ code: 'address-too-long' });
  });

  test('what is no HTTP is refused with 400', async () => {
    const { status, body } = await raw('/echo', { headers: { 'content-length': 'many' } }, []);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'malformed-request' });
  });
});

describe('an answer', () => {
  test('carries security headers and does not say which nginx it is', async () => {
    const { headers } = await get('/echo');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
    expect(headers.get('server')).toBe('nginx');
    // Only where the client came by https.
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test('is compressed when it is worth it', async () => {
    const encoding = async (accept: string) =>
      (await raw('/echo?size=5000', { headers: { 'accept-encoding': accept } }, [])).headers[
        'content-encoding'
      ];
    expect(await encoding('gzip')).toBe('gzip');
    expect(await encoding('identity')).toBeUndefined();
    const small = await raw('/echo', { headers: { 'accept-encoding': 'gzip' } }, []);
    expect(small.headers['content-encoding']).toBeUndefined();
  });

  test('sets no cookie where nothing sticks', async () => {
    expect((await get('/echo')).headers.get('set-cookie')).toBeNull();
  });
});

describe('WebSockets', () => {
  test('are let through where the route says so, and the session comes back to its instance', async () => {
    const cookie = await session();
    const instances = await Promise.all(Array.from({ length: 6 }, () => socket('/live', cookie)));
    expect(new Set(instances).size).toBe(1);
    const { instance } = await echo('/live', { headers: { cookie } });
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
      raw(path, { headers: { connection: 'upgrade', upgrade: protocol } }, []);
    expect((await upgrade('/echo', 'websocket')).status).toBe(200);
    expect((await upgrade('/live', 'h2c')).status).toBe(200);
  });

  test('a forged session is not taken over', async () => {
    const answer = await get('/live', { headers: { cookie: 'tandem_session=forged; other=1' } });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^tandem_session=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  async function session(): Promise<string> {
    const answer = await get('/live');
    await answer.body?.cancel();
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  }
});

test('the access log has one JSON line per request, without the query', async () => {
  const id = 'find-me-in-the-log';
  await get('/echo/here?secret=1', { headers: { 'x-request-id': id, 'user-agent': 'a "quoted" \\ agent' } });
  const line = await lineOf(id);
  expect(JSON.parse(line)).toMatchObject({
    level: 'info',
    service: 'edge',
    requestId: id,
    method: 'GET',
    path: '/echo/here',
    status: 200,
    target: 'echo',
    agent: 'a "quoted" \\ agent',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]/),
    ms: expect.any(Number),
  });
  expect(line).not.toContain('secret');
});

/** The line that the edge logs for a request. */
async function lineOf(id: string): Promise<string> {
  const [edge = ''] = await stack.instances('edge');
  return until('the line is written', async () => {
    const log = (await stack.nomad.allocations.cat(edge, 'alloc/logs/nginx.stdout.0')) ?? '';
    return log.split('\n').find((each) => each.includes(id));
  });
}

/** A request below the level of fetch. */
function raw(
  path: string,
  init: { method?: string; headers: Record<string, string> },
  body: string[],
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${stack.edge}${path}`, { ...init, agent: false }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: Buffer.concat(chunks).toString(),
      });
    });
    request.on('error', reject);
    for (const chunk of body) request.write(chunk);
    request.end();
  });
}

/** Opens a WebSocket with a cookie and gives back its first message: the instance. */
function socket(path: string, cookie: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${stack.edge}${path}`, {
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
