import { createServer } from 'node:http';
import { freePorts } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edgeFolder } from '../../src/compile/platform/edge-job.ts';
import { until } from '../support/until.ts';
import { type EchoEdge, problemOf, startEchoEdge } from './echo-edge.ts';

/** Where the edge sends a request, and where it goes when nobody answers. */

let edge: EchoEdge;

beforeAll(async () => {
  edge = await startEchoEdge(
    `
  echo: { directory: echo, routes: [{ path: /echo, timeout: 1s }] }
  absent: { directory: echo, instances: 0, routes: [/absent] }
`,
    { echo: '/echo' },
  );
});

afterAll(async () => edge.stack.stop());

describe('a route', () => {
  test('takes its path and everything below, unchanged, and nothing beside it', async () => {
    expect((await edge.echo('/echo')).url).toBe('/echo');
    expect((await edge.echo('/echo/')).url).toBe('/echo/');
    expect((await edge.echo('/echo/a%2Fb/c?q=1&q=2')).url).toBe('/echo/a%2Fb/c?q=1&q=2');
    const answer = await edge.get('/echoes');
    expect(answer.status).toBe(404);
    expect(await problemOf(answer)).toMatchObject({ code: 'not-found' });
  });

  test('spreads requests over all instances', async () => {
    // One that passes its check is in nginx a moment later.
    await until('both instances are asked', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => edge.echo('/echo')));
      return new Set(answers.map(({ instance }) => instance)).size === 2;
    });
  });

  test('without an instance answers 503 and says when to come again', async () => {
    const answer = await edge.get('/absent');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await problemOf(answer)).toMatchObject({ code: 'unavailable' });
  });

  test('gives up after its time-out with 504', async () => {
    const answer = await edge.get('/echo?wait=5000', { method: 'POST' });
    expect(answer.status).toBe(504);
    expect(await problemOf(answer)).toMatchObject({ code: 'upstream-timeout' });
  });

  test("passes a service's own error on as it is", async () => {
    const answer = await edge.get('/echo?status=404');
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
    const answer = await edge.get('/echo/a%2Fb?status=503', {
      method,
      headers: { ...headers, 'x-request-id': id },
    });
    expect(answer.status).toBe(503);
    const line: Record<string, unknown> = JSON.parse(await edge.lineOf(id));
    expect(String(line.upstream).split(', ')).toHaveLength(attempts);
    expect(line).toMatchObject({ path: '/echo/a%2Fb', method });
  });

  test('a repeatable POST arrives as it was sent, and its inner address cannot be asked for', async () => {
    const sent = await edge.echo('/echo/a%2Fb/?q=1', {
      method: 'POST',
      body: 'x'.repeat(1000),
      headers: { 'idempotency-key': 'k' },
    });
    expect(sent).toMatchObject({ url: '/echo/a%2Fb/?q=1', method: 'POST', body: 1000 });
    expect((await edge.get('/.tandem/repeatable/echo/0')).status).toBe(404);
  });

  test('whoever fails the check is asked when nobody healthier answers, unless it is in maintenance', async () => {
    const server = createServer((_request, response) => response.end('last resort'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const [closed = 0] = await freePorts(1);
    const answers = () => edge.get('/absent').then(async (answer) => answer.ok && (await answer.text()));
    try {
      await register('ailing', port, 'critical');
      await until('the ailing one is asked', async () => (await answers()) === 'last resort');
      await register('gone', closed, 'passing');
      await until('the healthy one is in nginx', async () => (await edgeConfig()).includes(`:${closed} max`));
      expect(await edgeConfig()).toContain(`:${port} max_fails=0 backup;`);
      expect(await answers()).toBe('last resort');
      await agent('deregister/gone');
      await agent('maintenance/ailing?enable=true');
      await until('nobody is asked', async () => (await edge.get('/absent')).status === 503);
    } finally {
      await Promise.allSettled([agent('deregister/gone'), agent('deregister/ailing')]);
      server.close();
    }
  });

  const agent = async (what: string, body?: unknown) => {
    const answer = await fetch(`${edge.stack.consul.address}/v1/agent/service/${what}`, {
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
    const [instance = ''] = await edge.stack.instances('edge');
    return (await edge.stack.nomad.allocations.cat(instance, `${edgeFolder}/nginx.conf`)) ?? '';
  };
});
