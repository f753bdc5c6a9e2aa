import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHistory } from '../../src/deploy/history.ts';
import { lockHolder } from '../../src/deploy/lock.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage.ts';

/** Consul, which keeps the lock and the releases, dies in the middle of a deploy. */

let stage: Stage;
const file = (memory: number) => `tandem: 1
defaults: { cpu: 20, memory: 64, health: { interval: 1s }, update: { healthy: 200ms, deadline: 60s, drain: 1s } }
services:
  web: { memory: ${memory}, update: { canary: 50%, bake: 2m } }
  api: { needs: [web], memory: ${memory} }
`;
beforeAll(async () => {
  stage = await openStage(['web', 'api'], { durableConsul: true });
  await stage.deploy(file(64).replace('bake: 2m', 'bake: 1s'));
}, 180_000);
afterAll(() => stage?.stop(), 120_000);

test('it stops where it is, says how far it came, and what runs goes on running', async () => {
  const { nomad } = stage.agents;
  const deploying = stage.deploy(file(72)).then(
    () => null,
    (reason: unknown) => reason,
  );
  await until('the canary bakes', () => stage.events.some((event) => /web: canary/.test(event)), {
    timeoutMs: 90_000,
  });
  const running = async (job: string) =>
    (await nomad.jobs.allocations(job)).filter(({ ClientStatus }) => ClientStatus === 'running').length;
  const before = [await running('web'), await running('api')];
  await stage.agents.kill('consul');
  const error = await deploying;
  if (!(error instanceof TandemError)) throw new Error('it did not fail as expected', { cause: error });
  expect(error.diagnostics.map(({ code }) => code)).toEqual(['TDM-300', 'TDM-368']);
  expect(error.diagnostics[0]?.title).toContain('Consul does not answer');
  expect(error.diagnostics[1]?.title).toBe('release 2 was cut off, because Consul went away');
  expect(error.diagnostics[1]?.evidence).toEqual([
    'under way, Nomad goes on by itself: web',
    'not begun: api',
  ]);
  expect(error.diagnostics[1]?.help.join()).toContain('./tandem deploy');
  expect([await running('web'), await running('api')]).toEqual(before);
}, 180_000);

test('when Consul is back the plan says so, and the next deploy goes on from there', async () => {
  const { nomad, consul } = stage.agents;
  stage.agents.revive('consul');
  await until('Consul has a leader again', () => consul.leader(), { timeoutMs: 60_000 });
  // The lock of a process that lives on goes with its session.
  await until('nobody holds the lock', async () => (await lockHolder(stage.target)) === null, {
    timeoutMs: 60_000,
  });
  const now = file(72).replace('bake: 2m', 'bake: 1s');
  expect(await stage.planned(now)).toMatch(/release 2 .* was interrupted/);
  expect(await stage.deploy(now)).toMatchObject({ kind: 'done', release: { number: 3, status: 'done' } });
  for (const job of ['web', 'api']) {
    expect((await nomad.jobs.get(job))?.TaskGroups[0]?.Tasks[0]?.Resources.MemoryMB).toBe(72);
  }
  const { releases } = await readHistory(stage.target);
  expect(releases.map(({ status }) => status)).toEqual(['done', 'interrupted', 'done']);
  expect(await stage.planned(now)).toContain('nothing to change');
}, 180_000);
