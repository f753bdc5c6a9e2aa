import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ConfigError, defineService, noKeys, Type } from '../src/index.ts';
import { waitFor } from '../src/testing/index.ts';
import { startDemo } from './support/demo.ts';

test('a service in three lines', async () => {
  const hello = defineService({
    name: 'hello',
    description: 'Says hello.',
    routes(app) {
      app.get('/api/hello', { config: { access: 'public' } }, async () => ({ hello: 'world' }));
    },
  });
  const { app, stop } = await hello.build({ env: { LOG_LEVEL: 'silent' } });
  expect((await app.inject('/api/hello')).json()).toEqual({ hello: 'world' });
  await stop();
});

test('its own settings and those of every service are checked together', async () => {
  const demanding = defineService({
    name: 'demanding',
    description: '',
    config: { apiKey: Type.String(), size: Type.Integer() },
    routes: () => {},
  });
  const error = await demanding.build({ env: { PORT: 'x', SIZE: 'y' } }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({
    problems: ['PORT must be integer', 'API_KEY is required', 'SIZE must be integer'],
  });
});

test('one that declares a Redis and is given none does not start', async () => {
  const stateful = defineService({ name: 'stateful', description: '', redis: true, routes: () => {} });
  await expect(stateful.build({ env: {} })).rejects.toThrow('REDIS_URL or REDIS_SERVICE is required');
});

test('one that reads a Redis it did not declare is told so', async () => {
  const careless = defineService({
    name: 'careless',
    description: '',
    routes: (_app, context) => void context.redis,
  });
  await expect(careless.build({ env: { LOG_LEVEL: 'silent' } })).rejects.toThrow(
    'does not declare "redis: true"',
  );
});

test('ready when all checks pass, and says which do not; alive in any case', async () => {
  const state = { database: 'down' };
  const checked = defineService({
    name: 'checked',
    description: '',
    tokenKeys: noKeys,
    routes: (_app, { readyWhen }) =>
      readyWhen('database', async () => {
        if (state.database === 'down') throw new Error('no connection');
        if (state.database === 'hanging') await new Promise(() => {});
      }),
  });
  const { app, stop } = await checked.build({ env: { LOG_LEVEL: 'silent' } });
  const ready = async () => {
    const answer = await app.inject('/healthz/ready');
    return [answer.statusCode, answer.json()];
  };
  expect(await ready()).toEqual([
    503,
    { status: 'not ready', checks: { keys: 'ok', database: 'no connection' } },
  ]);
  state.database = 'hanging';
  expect(await ready()).toMatchObject([
    503,
    { checks: { keys: 'ok', database: 'no answer within 1000 ms' } },
  ]);
  state.database = 'up';
  expect(await ready()).toEqual([200, { status: 'ready', checks: { keys: 'ok', database: 'ok' } }]);
  expect((await app.inject('/healthz/live')).statusCode).toBe(200);
  await stop();
});

test('the OpenAPI describes what the routes do, and hides what only machines call', async () => {
  await using demo = await startDemo();
  const document = (await demo.app.inject('/api/demo/openapi.json')).json();
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(['/api/demo/things/{id}', '/api/demo/me', '/api/demo/broken']);
  const things = document.paths['/api/demo/things/{id}'].post;
  expect(things.security).toBeUndefined();
  expect(Object.keys(things.responses)).toEqual(['201', '4XX', '5XX']);
  expect(things.responses['4XX'].content['application/problem+json'].schema).toEqual({
    $ref: '#/components/schemas/Problem',
  });
  expect(document.components.schemas.Problem.required).toContain('code');
  const loud = { name: 'loud', in: 'query', required: false, schema: { type: 'boolean', default: false } };
  expect(things.parameters).toContainEqual(loud);
  expect(document.paths['/api/demo/me'].get.security).toEqual([{ bearer: [] }]);
});

test('the page for people is there locally and nowhere else', async () => {
  await using local = await startDemo();
  const page = await local.app.inject('/api/demo/docs');
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.body).toContain('<code>/api/demo/things/{id}</code> Takes a thing');
  await using production = await startDemo({ env: { ENVIRONMENT: 'production' } });
  expect((await production.app.inject('/api/demo/docs')).statusCode).toBe(404);
  expect((await production.app.inject('/api/demo/openapi.json')).statusCode).toBe(200);
});

test('requests are measured by route, and unknown addresses share one label', async () => {
  await using demo = await startDemo();
  await demo.app.inject('/api/demo/me');
  await demo.app.inject('/api/demo/nothing-1');
  await demo.app.inject('/api/demo/nothing-2');
  await demo.app.inject('/healthz/live');
  const metrics = await waitFor('measured', async () => {
    const text = (await demo.app.inject('/metrics')).body;
    return /_count\{[^}]*route="none"[^}]*\} 2/.test(text) && text;
  });
  expect(metrics).toMatch(/_count\{[^}]*route="\/api\/demo\/me",[^}]*status="401"/);
  expect(metrics).not.toContain('healthz');
  expect(metrics).not.toContain('nothing-1');
  for (const name of [
    'nodejs_gc_duration_seconds',
    'nodejs_eventloop_lag_seconds',
    'process_resident_memory_bytes',
  ]) {
    expect(metrics).toContain(name);
  }
});

test('whoever is connected and has asked for nothing does not keep a service from stopping', async () => {
  const idle = defineService({ name: 'idle', description: '', tokenKeys: noKeys, routes: () => {} });
  const { listen, stop } = await idle.build({
    env: { LOG_LEVEL: 'silent', PORT: '0', CONSUL_REGISTER: 'false' },
  });
  const { hostname, port } = new URL(await listen());
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  await stop();
  await closed;
});
