import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { type Prepared, startLoad } from '../../src/bench/load.ts';
import { until } from '../support/until.ts';

let close = (): void => undefined;
afterEach(() => close());

/** A server that answers the nth request as told, and the address of it. */
async function server(answer: (count: number) => number | 'cut'): Promise<{ origin: string; ids: string[] }> {
  let count = 0;
  const ids: string[] = [];
  const http = createServer((request, response) => {
    ids.push(String(request.headers['x-request-id']));
    const status = answer(++count);
    if (status === 'cut') request.socket.destroy();
    else response.writeHead(status).end('{"code":"not-now"}');
  });
  return { origin: await listening(http), ids };
}

/** Its address; it ends with the test. */
async function listening(http: Server): Promise<string> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  close = () => {
    http.closeAllConnections();
    http.close();
  };
  const address = http.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const get = (): Prepared => ({
  name: 'GET /',
  repeatable: 'by method',
  method: 'GET',
  path: '/',
  headers: {},
  expect: [200],
});
const post = (): Prepared => ({ ...get(), name: 'POST /', repeatable: 'never', method: 'POST', body: '{}' });

test('every request is accounted for, by what may repeat it, and none is sent twice', async () => {
  const { origin, ids } = await server((count) => (count === 5 ? 'cut' : count === 6 ? 502 : 200));
  let turn = 0;
  const load = startLoad({
    origin,
    requestsPerSecond: 200,
    next: () => (turn++ % 2 === 0 ? get() : post()),
  });
  await until('some were sent', () => load.sent >= 20);
  const { sent, failed, failures, latencyMs } = await load.stop();
  expect(sent['by method'] + sent.never).toBe(ids.length);
  expect(new Set(ids).size).toBe(ids.length);
  expect(failed['by method'] + failed.never).toBe(2);
  expect(failures.map(({ reason }) => reason).sort()).toEqual(['502 not-now', 'ECONNRESET']);
  expect(failures.every(({ requestId }) => ids.includes(requestId))).toBe(true);
  expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.max);
});

test('an idle connection is left when the server says so', async () => {
  let left = 0;
  const http = createServer((_, response) => response.setHeader('Keep-Alive', 'timeout=2').end());
  // It closes none itself.
  http.keepAliveTimeout = 0;
  http.on('connection', (socket) => socket.on('close', () => left++));
  const load = startLoad({ origin: await listening(http), requestsPerSecond: 0.5, next: get });
  await until('the connection was left', () => left > 0);
  expect((await load.stop()).failures).toEqual([]);
});

test('of a server that is gone every request fails', async () => {
  const { origin } = await server(() => 200);
  close();
  const load = startLoad({ origin, requestsPerSecond: 100, next: get });
  await until('some were sent', () => load.sent >= 3);
  const { sent, failed, failures } = await load.stop();
  expect(failed['by method']).toBe(sent['by method']);
  expect(new Set(failures.map(({ reason }) => reason))).toEqual(new Set(['ECONNREFUSED']));
});
