import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { problems, UnavailableError } from '../src/index.ts';
import { startDemo } from './support/demo.ts';

test('the catalogue is what was released: codes are added, never changed', () => {
  const catalogue = Object.values(problems).map(({ code, status }) => `${status} ${code}`);
  expect(catalogue.sort()).toEqual([
    '400 duplicate-key',
    '400 forbidden-key',
    '400 malformed-json',
    '400 malformed-request',
    '401 expired-token',
    '401 invalid-token',
    '401 unauthenticated',
    '403 forbidden',
    '403 guests-not-allowed',
    '404 not-found',
    '405 method-not-allowed',
    '408 request-timeout',
    '409 request-in-progress',
    '412 precondition-failed',
    '413 body-too-large',
    '415 unsupported-media-type',
    '422 idempotency-key-reused',
    '422 invalid-request',
    '429 too-many-requests',
    '431 headers-too-large',
    '500 internal-error',
    '502 upstream-failed',
    '503 dependency-unavailable',
    '503 events-not-accepted',
    '503 overloaded',
  ]);
});

const json = { 'content-type': 'application/json' };
const post = { method: 'POST', url: '/api/demo/things/1', headers: json } as const;

test.each([
  ['text that is not JSON', { ...post, payload: '{"size":' }, 'malformed-json'],
  ['a key twice', { ...post, payload: '{"size":1,"size":2}' }, 'duplicate-key'],
  ['__proto__', { ...post, payload: '{"size":1,"__proto__":{}}' }, 'forbidden-key'],
  ['bytes that are not UTF-8', { ...post, payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, 'malformed-json'],
  [
    'a body that is too large',
    { ...post, payload: JSON.stringify({ size: 1, name: 'a'.repeat(1_000) }) },
    'body-too-large',
  ],
  [
    'another type of body',
    { ...post, headers: { 'content-type': 'text/xml' }, payload: '<a/>' },
    'unsupported-media-type',
  ],
  [
    'a form',
    { ...post, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=1' },
    'unsupported-media-type',
  ],
  ['no body', post, 'invalid-request'],
  ['an unknown address', { method: 'GET', url: '/api/demo/nothing' }, 'not-found'],
  [
    'a parameter that is longer than any',
    { ...post, url: `/api/demo/things/${'1'.repeat(200)}` },
    'not-found',
  ],
  ['an unknown method', { method: 'DELETE', url: '/api/demo/things/1' }, 'method-not-allowed'],
  ['a path that is not percent-encoding', { method: 'GET', url: '/api/demo/%zz' }, 'malformed-request'],
  ['a mistake of ours', { method: 'GET', url: '/api/demo/broken' }, 'internal-error'],
] as const)('%s is answered with a problem', async (_, request, code) => {
  await using demo = await startDemo();
  const answer = await demo.app.inject({ ...request });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.json()).toMatchObject({
    code,
    status: answer.statusCode,
    type: `urn:tandem:problem:${code}`,
  });
  expect(answer.json().requestId).toBe(answer.headers['x-request-id']);
});

test('what does not fit the schema is listed part by part, and nothing is converted or dropped in a body', async () => {
  await using demo = await startDemo();
  const body = await demo.app.inject({ ...post, payload: { size: '1', colour: 'red' } });
  expect(body.json().errors).toEqual([
    { in: 'body', pointer: '/colour', detail: 'is not a known property' },
    { in: 'body', pointer: '/size', detail: 'must be integer' },
  ]);
  const query = await demo.app.inject({
    ...post,
    url: '/api/demo/things/1?loud=maybe',
    payload: { size: 1 },
  });
  expect(query.json().errors).toEqual([{ in: 'query', pointer: '/loud', detail: 'must be boolean' }]);
  const path = await demo.app.inject({ ...post, url: '/api/demo/things/x', payload: { size: 1 } });
  expect(path.json().errors).toEqual([{ in: 'path', pointer: '/id', detail: 'must be integer' }]);
});

test('text in paths and queries becomes what the schema says', async () => {
  await using demo = await startDemo();
  const answer = await demo.app.inject({
    ...post,
    url: '/api/demo/things/7?loud=true',
    payload: { size: 3 },
  });
  expect([answer.statusCode, answer.json()]).toEqual([201, { id: 7, size: 3, loud: true }]);
});

test('405 names the methods that are known', async () => {
  await using demo = await startDemo();
  const answer = await demo.app.inject({ method: 'PUT', url: '/api/demo/me?x=1' });
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
});

test('a mistake of ours is logged with its stack, and the caller learns nothing of it', async () => {
  await using demo = await startDemo();
  const answer = await demo.app.inject('/api/demo/broken');
  expect(answer.body).not.toContain('hunter2');
  const line = demo.log.lines.find(({ level }) => level === 'error');
  expect(line).toMatchObject({
    requestId: answer.headers['x-request-id'],
    err: { message: 'the password of the database is hunter2', stack: expect.stringContaining('demo.ts') },
  });
});

test('a dependency that is away is 503 with Retry-After, and its name stays inside', async () => {
  await using demo = await startDemo({
    routes: (app) =>
      app.get('/api/demo/away', { config: { access: 'public' } }, async () => {
        throw new UnavailableError('redis', 'connect ECONNREFUSED 10.0.0.7:6379');
      }),
  });
  const answer = await demo.app.inject('/api/demo/away');
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  expect(answer.json()).toMatchObject({ code: 'dependency-unavailable' });
  expect(answer.body).not.toContain('10.0.0.7');
});

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', '400', 'malformed-request'],
  [
    'headers without end',
    `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`,
    '431',
    'headers-too-large',
  ],
  [
    'two lengths of one body',
    'POST /api/demo/things/1 HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    '400',
    'malformed-request',
  ],
])('%s is answered with a problem, and the connection is closed', async (_, bytes, status, code) => {
  await using demo = await startDemo({ env: { PORT: '0' } });
  const url = new URL(await demo.service.listen());
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.write(bytes));
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain(`"code":"${code}"`);
});
