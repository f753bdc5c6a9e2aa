import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoEdge, startEchoEdge } from './echo-edge.ts';

/** What the edge adds to a request and to its answer, and what it writes down of both. */

let edge: EchoEdge;

beforeAll(async () => {
  edge = await startEchoEdge(
    `
  echo: { directory: echo, routes: [/echo] }
`,
    { echo: '/echo' },
  );
});

afterAll(async () => edge.stack.stop());

describe('what the service is told', () => {
  test('a request id that looks like one is kept, and comes back', async () => {
    const answer = await edge.get('/echo', { headers: { 'x-request-id': 'phone-4711.abc' } });
    expect(answer.headers.get('x-request-id')).toBe('phone-4711.abc');
    expect(JSON.parse(await answer.text()).headers['x-request-id']).toBe('phone-4711.abc');
  });

  test.each(['short', 'with blanks in it', `x${'y'.repeat(64)}`, 'quote"and{brace}'])(
    'the request id %j is replaced',
    async (id) => {
      const { headers } = await edge.echo('/echo', { headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  test('who the client is comes from the connection, not from the client', async () => {
    const { headers } = await edge.echo('/echo', {
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
    const { headers } = await edge.echo('/echo', { headers: { traceparent, authorization: 'Bearer x' } });
    expect(headers).toMatchObject({ traceparent, authorization: 'Bearer x' });
  });
});

describe('an answer', () => {
  test('carries security headers and does not say which nginx it is', async () => {
    const { headers } = await edge.get('/echo');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
    expect(headers.get('server')).toBe('nginx');
    // Only where the client came by https.
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test('is compressed when it is worth it', async () => {
    const encoding = async (accept: string) =>
      (await edge.raw('/echo?size=5000', { headers: { 'accept-encoding': accept } }, [])).headers[
        'content-encoding'
      ];
    expect(await encoding('gzip')).toBe('gzip');
    expect(await encoding('identity')).toBeUndefined();
    const small = await edge.raw('/echo', { headers: { 'accept-encoding': 'gzip' } }, []);
    expect(small.headers['content-encoding']).toBeUndefined();
  });

  test('sets no cookie where nothing sticks', async () => {
    expect((await edge.get('/echo')).headers.get('set-cookie')).toBeNull();
  });
});

test('the access log has one JSON line per request, without the query', async () => {
  const id = 'find-me-in-the-log';
  await edge.get('/echo/here?secret=1', {
    headers: { 'x-request-id': id, 'user-agent': 'a "quoted" \\ agent' },
  });
  const line = await edge.lineOf(id);
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
