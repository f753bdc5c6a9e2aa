import { expect, test } from 'vitest';
import { createStaticDiscovery, defineEvent, defineService, type Instance, on, Type } from '../src/index.ts';
import {
  collectLog,
  createTokenIssuer,
  declareQueues,
  sharedRabbitmq,
  startRedis,
  waitFor,
} from '../src/testing/index.ts';
import { newQueue } from './queue/stage.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const orderTaken = defineEvent({
  name: 'order.taken',
  version: 1,
  schema: Type.Object({ id: Type.String() }),
});

test('one request id and one trace go from the edge by REST through an event to a call of its consumer', async () => {
  await using rabbitmq = await sharedRabbitmq();
  await using redis = await startRedis();
  const issuer = createTokenIssuer();
  await issuer.listen();
  const queue = newQueue('kitchen');
  const QUEUES = await declareQueues(rabbitmq.url, [{ queue, events: ['order.taken'] }]);
  const instances: Record<string, Instance[]> = { auth: [...issuer.instances] };
  const discovery = createStaticDiscovery(instances);
  /** What comes in at orders. */
  const seen: {
    traceparent: string;
    requestId: string;
    authorization: string | undefined;
  }[] = [];
  const logs = { door: collectLog(), orders: collectLog(), kitchen: collectLog() };
  const env = { PORT: '0', RABBITMQ_URL: rabbitmq.url };

  const orders = await defineService({
    name: 'orders',
    description: 'Takes orders, and shows one.',
    redis: true,
    publishes: [orderTaken],
    routes(app, { change }) {
      app.addHook('onRequest', async ({ headers, id }) => {
        const { traceparent, authorization } = headers;
        seen.push({ traceparent: String(traceparent), requestId: id, authorization });
      });
      app.post('/api/orders', async (_request, reply) => {
        await change({ publish: [orderTaken({ id: 'o1' })] });
        return reply.code(204).send(null);
      });
      app.get('/api/orders/:id', { config: { access: 'public' } }, async () => ({ id: 'o1' }));
    },
  }).build({ env: { ...env, REDIS_URL: redis.url }, discovery, logOutput: logs.orders });
  const door = await defineService({
    name: 'door',
    description: 'Lets requests in.',
    calls: ['orders'],
    routes(app, { client }) {
      app.post('/api/door', async (_request, reply) => {
        await client('orders').send('POST', '/api/orders', { body: {} });
        return reply.code(204).send(null);
      });
    },
  }).build({ env, discovery, logOutput: logs.door });
  const kitchen = await defineService({
    name: 'kitchen',
    description: 'Handles orders.',
    calls: ['orders'],
    consumes: ({ client, log }) => [
      on(orderTaken, async ({ data }) => {
        await client('orders').send('GET', '/api/orders/:id', { params: { id: data.id } });
        log.info('cooked');
      }),
    ],
    routes: () => {},
  }).build({ env: { ...env, QUEUES }, discovery, logOutput: logs.kitchen });

  try {
    const { hostname, port } = new URL(await orders.listen());
    instances.orders = [{ id: 'orders-1', host: hostname, port: Number(port), passing: true }];
    for (const { app } of [orders, door]) {
      await waitFor('ready', async () => (await app.inject('/healthz/ready')).statusCode === 200);
    }
    const authorization = issuer.authorization('ada');
    const answer = await door.app.inject({
      method: 'POST',
      url: '/api/door',
      headers: {
        authorization,
        traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
        'x-request-id': 'request-0001',
      },
      payload: {},
    });
    expect([answer.statusCode, answer.headers['x-request-id']]).toEqual([204, 'request-0001']);
    const calls = await waitFor('the kitchen has asked', () => {
      const found = seen.filter(({ requestId }) => requestId === 'request-0001');
      return found.length === 2 && found;
    });

    expect(calls.map(({ traceparent }) => traceparent.split('-')[1])).toEqual([TRACE, TRACE]);
    // Each step is a span of its own.
    const spans = calls.map(({ traceparent }) => traceparent.split('-')[2]);
    expect(new Set([...spans, '00f067aa0ba902b7']).size).toBe(3);
    // The caller's token goes along with the request, and never with an event.
    expect(calls.map((call) => call.authorization)).toEqual([authorization, undefined]);
    await waitFor('the kitchen is done', () => logs.kitchen.text.includes('cooked'));
    for (const log of Object.values(logs)) {
      const line = log.text.split('\n').find((each) => each.includes('request-0001'));
      expect(JSON.parse(line ?? '{}')).toMatchObject({ requestId: 'request-0001', traceId: TRACE });
    }
  } finally {
    await Promise.all([door.stop(), kitchen.stop(), orders.stop()]);
    await issuer.close();
  }
});
