import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoEdge, problemOf, startEchoEdge } from './echo-edge.ts';

/** What the edge refuses. */

let edge: EchoEdge;

beforeAll(async () => {
  edge = await startEchoEdge(
    `
  echo:
    directory: echo
    routes:
      - { path: /echo, body: 10KB }
      - { path: /limited, limit: 3/m per address }
      - { path: /per-user, limit: 2/m per user }
`,
    { echo: '/echo' },
  );
});

afterAll(async () => edge.stack.stop());

describe('limits', () => {
  test('a body that is too large is refused with 413, whether its length is announced or not', async () => {
    const announced = await edge.get('/echo', { method: 'POST', body: 'x'.repeat(10_241) });
    expect(announced.status).toBe(413);
    expect(await problemOf(announced)).toMatchObject({ code: 'body-too-large' });
    const { status } = await edge.raw(
      '/echo',
      { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
      ['x'.repeat(8000), 'x'.repeat(8000)],
    );
    expect(status).toBe(413);
    expect((await edge.echo('/echo', { method: 'POST', body: 'x'.repeat(10_240) })).body).toBe(10_240);
  });

  test('more requests than allowed get 429 and the seconds to wait', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => edge.get('/limited')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('retry-after')).toBe('20');
    if (refused) expect(await problemOf(refused)).toMatchObject({ code: 'too-many-requests' });
  });

  test('a limit per user counts each token, and everybody without one by address', async () => {
    const token = (signature: string) => ({
      headers: { authorization: `Bearer head.body.${signature.repeat(43)}` },
    });
    const statuses = async (init: RequestInit) =>
      (await Promise.all(Array.from({ length: 3 }, () => edge.get('/per-user', init))))
        .map(({ status }) => status)
        .toSorted();
    expect(await statuses(token('a'))).toEqual([200, 200, 429]);
    expect(await statuses(token('b'))).toEqual([200, 200, 429]);
    expect(await statuses({})).toEqual([200, 200, 429]);
  });

  test('headers that are too large are refused with 431, an address that is too long with 414', async () => {
    const headers = await edge.get('/echo', { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect(headers.status).toBe(431);
    expect(await problemOf(headers)).toMatchObject({ code: 'headers-too-large' });
    const address = await edge.get(`/echo?${'x'.repeat(20_000)}`);
    expect(address.status).toBe(414);
    expect(await problemOf(address)).toMatchObject({ code: 'address-too-long' });
  });

  test('what is no HTTP is refused with 400', async () => {
    const { status, body } = await edge.raw('/echo', { headers: { 'content-length': 'many' } }, []);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'malformed-request' });
  });
});
