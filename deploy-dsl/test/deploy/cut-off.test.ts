import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHistory } from '../../src/deploy/history.ts';
import { lockHolder } from '../../src/deploy/lock.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage.ts';

/** Nomad, and then Consul, die while they are needed. */

let stage: Stage;
const file = (memory: number) => `tandem: 1
defaults: { cpu: 20, memory: 64, health: { interval: 1s }, update: { healthy: 200ms, deadline: 60s, drain: 1s } }
services:
  web: { memory: ${memory}, update: { canary: 50%, bake: 2m } }
  api: { needs: [web], memory: ${memory} }
`;
beforeAll(async () => {
  stage = await openStage(['web', 'api']);
  await stage.deploy(file(64).replace('bake: 2m', 'bake: 1s'));
}, 180_000);
afterAll(() => stage?.stop(), 120_000);

async function failureOf(promise: Promise<unknown>) {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!(error instanceof TandemError)) throw new Error('it did not fail as expected', { cause: error });
  return error.diagnostics;
}

test('Nomad dies in a deploy: what is done is said, the lock is let go, the release counts as interrupted', async () => {
  const failing = failureOf(stage.deploy(file(72)));
  await until('the canary bakes', () => stage.events.some((event) => /web: canary/.test(event)), {
    timeoutMs: 90_000,
  });
  await stage.agents.kill('nomad-server');
  const said = await failing;
  expect(said.map(({ code }) => code)).toEqual(['TDM-300', 'TDM-368']);
  expect(said[1]?.title).toBe('release 2 was cut off, because Nomad went away');
  expect(said[1]?.evidence).toEqual(['under way, Nomad goes on by itself: web', 'not begun: api']);
  expect(await lockHolder(stage.target)).toBeNull();
  expect((await readHistory(stage.target)).releases[0]).toMatchObject({ number: 2, status: 'interrupted' });
}, 180_000);

test('without Nomad a plan says so', async () => {
  const [said] = await failureOf(stage.plan(file(72)));
  expect(said).toMatchObject({ code: 'TDM-300', title: expect.stringContaining('Nomad does not answer') });
}, 60_000);

test('without Consul nothing is begun', async () => {
  await stage.agents.kill('consul');
  const [said] = await failureOf(stage.deploy(file(72)));
  expect(said).toMatchObject({ code: 'TDM-300', title: expect.stringContaining('Consul does not answer') });
}, 60_000);
