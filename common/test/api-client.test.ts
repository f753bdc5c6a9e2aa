import { createServer } from 'node:http';
import { afterEach, expect, expectTypeOf, test } from 'vitest';
import { createApiClient } from '../src/client/api-client.ts';
import { createCaller } from '../src/client/caller.ts';
import { createAgent } from '../src/client/transport.ts';
import { createStaticDiscovery, importApi, isRefusal } from '../src/index.ts';

const peopleApi = importApi({
  service: 'people',
  operations: {
    'GET /people/{id}': {
      secured: false,
      params: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      query: { type: 'object', required: [], properties: { all: { type: 'boolean' } } },
      answers: {
        '200': { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
        '204': null,
      },
      problems: { 'person-not-found': 404 },
    },
    'POST /people': {
      secured: true,
      body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      answers: { '201': { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } },
      problems: { 'name-taken': 409 },
    },
    'GET /people': {
      secured: false,
      answers: { '200': { type: 'array', items: { type: 'string' } } },
      problems: {},
    },
  },
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A client of a service that gives every request this answer. */
async function clientOf(status: number, body?: unknown) {
  const seen: { line: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push({ line: `${request.method} ${request.url}`, body: Buffer.concat(chunks).toString() });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const agent = createAgent();
  closing.push(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const instances = [{ id: 'one', host: '127.0.0.1', port, passing: true }];
  const discovery = createStaticDiscovery({ people: instances });
  return { people: createApiClient(peopleApi, createCaller('people', discovery, agent)), seen };
}

test('a call has the types of the contract, and is sent as it says', async () => {
  const { people, seen } = await clientOf(200, { name: 'Ada' });
  const answer = await people.call('GET /people/{id}', { params: { id: '../a b?' }, query: { all: true } });
  expectTypeOf(answer).toEqualTypeOf<{ name: string } | undefined>();
  expect(answer).toEqual({ name: 'Ada' });
  expect(seen[0]?.line).toBe('GET /people/..%2Fa%20b%3F?all=true');

  const { people: others, seen: received } = await clientOf(201, { id: 7 });
  const made = await others.call('POST /people', { body: { name: 'Grace' } });
  expectTypeOf(made.id).toEqualTypeOf<number>();
  expect([made.id, received[0]]).toEqual([7, { line: 'POST /people', body: '{"name":"Grace"}' }]);
});

test('what the contract does not have cannot be called', async () => {
  const { people } = await clientOf(200, []);
  expect(await people.call('GET /people')).toEqual([]);
  const refusedByTheCompiler = () => [
    // @ts-expect-error there is no such operation
    people.call('GET /persons'),
    // @ts-expect-error the parameter of the path is needed
    people.call('GET /people/{id}'),
    // @ts-expect-error so is the body
    people.call('POST /people', {}),
  ];
  expect(refusedByTheCompiler).toBeTypeOf('function');
});

test('a success without a body resolves with undefined', async () => {
  const { people } = await clientOf(204);
  expect(await people.call('GET /people/{id}', { params: { id: 'a' } })).toBeUndefined();
});

test('an answer that the contract does not have is an error that says which', async () => {
  const wrong = await clientOf(200, { name: 7 });
  await expect(wrong.people.call('GET /people/{id}', { params: { id: 'a' } })).rejects.toThrow(
    'people: its answer does not fit: /name must be string',
  );
  const unknown = await clientOf(202, {});
  await expect(unknown.people.call('GET /people')).rejects.toThrow(
    'people: it answered 202, which is not in its contract',
  );
});

test('a refusal is known by a code of the contract', async () => {
  const { people } = await clientOf(404, { code: 'person-not-found' });
  const error: unknown = await people.call('GET /people').catch((thrown: unknown) => thrown);
  expect(isRefusal(error, peopleApi, 'person-not-found')).toBe(true);
  expect(isRefusal(error, peopleApi, 'name-taken')).toBe(false);
  expect(isRefusal(new Error('other'), peopleApi, 'person-not-found')).toBe(false);
  // @ts-expect-error no operation answers it
  isRefusal(error, peopleApi, 'person-lost');
});
