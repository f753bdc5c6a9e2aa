import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stack, tandem } from '../support/tandem.ts';
import { until } from '../support/until.ts';

/** Asks again and again through the edge, as often as its limits admit, and keeps what the answers were. */
function asking(everyMs: number, path: string, init?: RequestInit): { stop(): Promise<string[]> } {
  const outcomes = new Set<string>();
  let over = false;
  const asked = (async () => {
    while (!over) {
      outcomes.add(await fetch(`${stack().edge}${path}`, init).then(({ status }) => String(status), String));
      await pause(everyMs);
    }
  })();
  return {
    stop: async () => {
      over = true;
      await asked;
      return [...outcomes];
    },
  };
}

/** The ids of the keys that each instance publishes, the newest first. */
async function published(): Promise<string[][]> {
  const answer = await fetch(`${stack().consul}/v1/health/service/auth?passing=true`);
  const instances = (await answer.json()) as { Service: { Port: number } }[];
  return Promise.all(
    instances.map(async ({ Service: { Port } }) => {
      const set = await fetch(`http://127.0.0.1:${Port}/api/auth/.well-known/jwks.json`);
      return ((await set.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    }),
  );
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('a rotation of the signing key fails no request and no token, and every instance gets the key', async () => {
  await until('no rollout of it is under way', async () => {
    const answer = await fetch(`${stack().nomad}/v1/job/auth/deployment`);
    return ((await answer.json()) as { Status: string } | null)?.Status === 'successful';
  });
  const [before = []] = await published();
  const person = {
    name: 'Ada',
    email: `${crypto.randomUUID()}@example.org`,
    password: 'correct horse battery',
  };
  const answer = await fetch(`${stack().edge}/api/auth/register`, post(person));
  const { accessToken } = (await answer.json()) as { accessToken: string };

  const read = asking(40, '/api/auth/.well-known/jwks.json');
  const used = asking(40, '/api/rooms', { headers: { authorization: `Bearer ${accessToken}` } });
  // 200 an hour from one network.
  const issued = asking(1_000, '/api/auth/guests', post({ name: 'Grace' }));
  const { code, stdout, stderr } = await tandem(['secret', 'rotate', 'auth', 'jwt-private-key']);
  const outcomes = { read: await read.stop(), used: await used.stop(), issued: await issued.stop() };

  expect(code, stdout + stderr).toBe(0);
  expect(outcomes).toEqual({ read: ['200'], used: ['200'], issued: ['201'] });
  const now = await published();
  expect(now).toHaveLength(2);
  for (const keys of now) {
    expect(before).not.toContain(keys[0]);
    expect(keys.slice(1)).toEqual(before.slice(0, 2));
  }
});
