import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createLineWriter, createLogger } from '../src/log.ts';
import { collectLog, waitFor } from '../src/testing/index.ts';
import { startDemo } from './support/demo.ts';

test('every line of a request carries its ids, also those that code writes far from the request', async () => {
  await using demo = await startDemo({
    routes: (app, { log }) =>
      app.post('/api/demo/work', async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.info('worked');
        return {};
      }),
    env: { SERVICE_VERSION: '1.2.3', NOMAD_ALLOC_ID: 'alloc-1' },
  });
  const answer = await demo.app.inject({
    method: 'POST',
    url: '/api/demo/work?token=abc',
    headers: {
      authorization: demo.issuer.authorization('ada'),
      'x-request-id': 'request-0001',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    payload: { some: 'body' },
  });
  expect(answer.headers['x-request-id']).toBe('request-0001');
  const lines = await waitFor('both lines', () => demo.log.lines.length === 2 && demo.log.lines);
  const ids = {
    service: 'demo',
    version: '1.2.3',
    environment: 'local',
    cloud: 'local',
    allocation: 'alloc-1',
    requestId: 'request-0001',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    userId: 'ada',
    level: 'info',
  };
  expect(lines[0]).toMatchObject({ ...ids, msg: 'worked' });
  expect(lines[1]).toMatchObject({
    ...ids,
    msg: 'request',
    method: 'POST',
    path: '/api/demo/work',
    status: 200,
  });
  expect(demo.log.text).not.toContain('abc');
});

test('an id from outside that could forge a log line is replaced', async () => {
  await using demo = await startDemo();
  for (const id of ['short', 'has spaces in it', 'x'.repeat(65), '{"a":"bbbbbbb"}']) {
    const answer = await demo.app.inject({ url: '/healthz/live', headers: { 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('a trace that is not valid is replaced by a new one', async () => {
  await using demo = await startDemo();
  await demo.app.inject({
    url: '/api/demo/me',
    headers: { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` },
  });
  const [line] = await waitFor('the line', () => demo.log.lines.length > 0 && demo.log.lines);
  expect(line?.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
});

test('secrets do not get into the log: not by name, not inside objects or errors, not as tokens in a text', async () => {
  await using demo = await startDemo();
  const { log } = demo.service;
  const token = demo.issuer.token('ada');
  log.info(
    { password: 'hunter2', deep: [{ headers: { Authorization: 'hunter2', refresh_token: 'hunter2' } }] },
    'x',
  );
  log.info(`called with Bearer ${token}`);
  log.error({
    err: Object.assign(new Error(`bad ${token}`), { accessToken: 'hunter2', request: { cookie: 'hunter2' } }),
  });
  expect(demo.log.text).not.toContain('hunter2');
  expect(demo.log.text).not.toContain(token.slice(0, 40));
  expect(demo.log.lines[0]).toMatchObject({
    password: '[redacted]',
    deep: [{ headers: { Authorization: '[redacted]', refresh_token: '[redacted]' } }],
  });
  expect(demo.log.lines[1]?.msg).toBe('called with Bearer [token]');
});

const identity = {
  service: 'test',
  version: '1',
  environment: 'local',
  cloud: 'local',
  allocation: undefined,
};

test('a line written by hand looks as one of pino', () => {
  const output = collectLog();
  const log = createLogger(identity, 'info', output);
  createLineWriter(log, 'request')(',"status":200,"path":"/a"');
  log.info({ status: 200, path: '/a' }, 'request');
  const withoutTime = output.text
    .trim()
    .split('\n')
    .map((line) => line.replace(/"time":"[^"]+"/, ''));
  expect(withoutTime[0]).toBe(withoutTime[1]);
  expect(Date.parse(String(output.lines[0]?.time))).toBeGreaterThan(Date.now() - 60_000);
});

test('no line is written by hand where the level says so', () => {
  const output = collectLog();
  createLineWriter(createLogger(identity, 'warn', output), 'request')(',"status":200');
  expect(output.text).toBe('');
});

test('whatever stands in an address, its line is one line of JSON without tokens', async () => {
  await using demo = await startDemo({ env: { HOST: '127.0.0.1', PORT: '0' } });
  const { log, issuer, service } = demo;
  const url = await service.listen();
  const token = issuer.token('ada');
  const paths = ['/quote"', '/back\\slash', `/${token}`, '/api/demo/me?q="'];
  for (const path of paths) {
    // As it stands: `fetch` would write it anew.
    const request = get(url, { path, agent: false });
    const [answer]: IncomingMessage[] = await once(request, 'response');
    answer?.resume();
  }
  const lines = await waitFor('all lines', () => {
    const found = log.lines.filter(({ msg }) => msg === 'request');
    return found.length === paths.length && found;
  });
  expect(lines.map(({ path, route, status }) => [path, route, status])).toEqual([
    ['/quote"', undefined, 404],
    ['/back\\slash', undefined, 404],
    ['/[token]', undefined, 404],
    ['/api/demo/me', '/api/demo/me', 401],
  ]);
});
