import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createCaller } from '../src/client/caller.ts';
import { createHttpClient } from '../src/client/client.ts';
import { createAgent } from '../src/client/transport.ts';
import { createStaticDiscovery, type Instance, Type, UnavailableError, UpstreamError } from '../src/index.ts';
import { freePort, waitFor } from '../src/testing/index.ts';
import { startDemo } from './support/demo.ts';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function startOther(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const instance: Instance = { id: `other-${port}`, host: '127.0.0.1', port, passing: true };
  return { instance, seen };
}

const json = (status: number, body: object) => (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

function clientOf(...instances: Instance[]) {
  const agent = createAgent();
  closing.push(async () => agent.destroy());
  return createHttpClient(createCaller('other', createStaticDiscovery({ other: instances }), agent));
}

const gone = async (): Promise<Instance> => ({
  id: 'gone',
  host: '127.0.0.1',
  port: await freePort(),
  passing: true,
});
const response = Type.Object({ name: Type.String() });

test('parameters are encoded, the query is written, and the answer is typed and checked', async () => {
  const other = await startOther(json(200, { name: 'Ada' }));
  const answer = await clientOf(other.instance).get('/people/:id', {
    params: { id: '../a b?' },
    query: { all: true, no: undefined },
    response,
  });
  expect(answer.name).toBe('Ada');
  expect(other.seen[0]?.url).toBe('/people/..%2Fa%20b%3F?all=true');
});

test('an answer that does not fit its schema is an error that says where', async () => {
  const other = await startOther(json(200, { name: 7 }));
  const call = clientOf(other.instance).get('/', { response });
  await expect(call).rejects.toThrow('other: its answer does not fit: /name must be string');
});

test('a refusal carries the status and the code of the problem', async () => {
  const other = await startOther(json(404, { code: 'person-not-found' }));
  const call = clientOf(other.instance).get('/', { response });
  await expect(call).rejects.toMatchObject({ status: 404, code: 'person-not-found' });
  await expect(call).rejects.toBeInstanceOf(UpstreamError);
});

test('an instance that is gone or refuses to work is passed over', async () => {
  const broken = await startOther(json(503, {}));
  const good = await startOther(json(200, { name: 'Ada' }));
  for (let round = 0; round < 5; round++) {
    const client = clientOf(await gone(), broken.instance, good.instance);
    expect(await client.get('/', { response })).toEqual({ name: 'Ada' });
  }
});

test('one that cannot work now, wherever one asks, is unavailable like one that is gone', async () => {
  const other = await startOther(json(503, { code: 'dependency-unavailable' }));
  const call = clientOf(other.instance).get('/', { response });
  await expect(call).rejects.toBeInstanceOf(UnavailableError);
  await expect(call).rejects.toThrow('other: it answered 503 dependency-unavailable');
});

test('a POST is not sent twice, unless it never got there or has an Idempotency-Key', async () => {
  const other = await startOther((request) => request.socket.destroy());
  await expect(clientOf(other.instance).post('/', { body: {}, response })).rejects.toBeInstanceOf(
    UnavailableError,
  );
  expect(other.seen).toHaveLength(1);
  await expect(
    clientOf(other.instance).post('/', { body: {}, idempotencyKey: 'k1', response }),
  ).rejects.toBeInstanceOf(UnavailableError);
  expect(other.seen.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, 'k1', 'k1', 'k1']);

  const good = await startOther(json(200, { name: 'Ada' }));
  for (let round = 0; round < 5; round++) {
    expect(await clientOf(await gone(), good.instance).post('/', { body: {}, response })).toEqual({
      name: 'Ada',
    });
  }
});

test('an instance that hangs costs the time given, and not more', async () => {
  const other = await startOther(() => {});
  const started = performance.now();
  await expect(clientOf(other.instance).get('/', { response, timeoutMs: 300 })).rejects.toBeInstanceOf(
    UnavailableError,
  );
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('an instance that fails again and again is left alone, and others do its work', async () => {
  const broken = await startOther(json(503, {}));
  const good = await startOther(json(200, { name: 'Ada' }));
  const client = clientOf(broken.instance, good.instance);
  const started = performance.now();
  for (let round = 0; round < 60; round++) await client.get('/', { response });
  expect(good.seen).toHaveLength(60);
  // Five to open it, and then one after each pause, of which the shortest takes 250 ms.
  const pauses = (performance.now() - started) / 250;
  expect(broken.seen.length).toBeLessThanOrEqual(5 + Math.ceil(pauses));
});

test('where all instances failed, calls fail without being sent, until one of them answers again', async () => {
  let status = 503;
  const other = await startOther((request, answer) => json(status, { name: 'Ada' })(request, answer));
  const client = clientOf(other.instance);
  await waitFor('its circuit is open', async () => {
    const failure: unknown = await client.get('/', { response }).catch((error: unknown) => error);
    return String(failure).includes('its instances failed again and again');
  });
  status = 200;
  const answer = await waitFor('it is tried again', () => client.get('/', { response }).catch(() => null));
  expect(answer).toEqual({ name: 'Ada' });
  expect(await client.get('/', { response })).toEqual({ name: 'Ada' });
});

test('a refusal is an answer: it opens nothing', async () => {
  const other = await startOther(json(404, {}));
  const client = clientOf(other.instance);
  for (let round = 0; round < 20; round++) {
    await expect(client.get('/', { response })).rejects.toMatchObject({ status: 404 });
  }
});

test('nobody there', async () => {
  await expect(clientOf().get('/', { response })).rejects.toThrow(
    'other is unavailable: no instance of it is healthy',
  );
});

test('the caller, the request id and the trace are passed on; in the background there is no caller', async () => {
  const other = await startOther(json(200, { name: 'Ada' }));
  const client = clientOf(other.instance);
  await using demo = await startDemo({
    routes: (app) => app.post('/api/demo/pass', async () => client.get('/', { response })),
  });
  const authorization = demo.issuer.authorization('ada');
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await demo.app.inject({
    method: 'POST',
    url: '/api/demo/pass',
    headers: { authorization, traceparent, tracestate: 'a=b', 'x-request-id': 'request-0001' },
    payload: {},
  });
  expect(other.seen[0]?.headers).toMatchObject({
    authorization,
    tracestate: 'a=b',
    'x-request-id': 'request-0001',
  });
  expect(other.seen[0]?.headers.traceparent).toMatch(
    /^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/,
  );
  await client.get('/', { response });
  expect(other.seen[1]?.headers).not.toHaveProperty('authorization');
});

test('an answer without end is cut off', async () => {
  const other = await startOther((_request, answer) => {
    answer.writeHead(200);
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const more = () => {
      while (!answer.destroyed && answer.write(chunk));
      if (!answer.destroyed) answer.once('drain', more);
    };
    more();
  });
  await expect(clientOf(other.instance).get('/', { response })).rejects.toThrow('the answer is too large');
});
