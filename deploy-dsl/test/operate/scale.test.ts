import { afterAll, beforeAll, expect, test } from 'vitest';
import { afterwards } from '../../src/commands/scale.ts';
import { Releases } from '../../src/deploy/releases.ts';
import { loadSource } from '../../src/language/load.ts';
import { rollJobs, scaled } from '../../src/operate/roll.ts';
import { openStage, reported, type Stage } from '../deploy/stage.ts';

/** What plan, deploy and rollback make of a count that `scale` has set. */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(['web']);
}, 120_000);
afterAll(() => stage?.stop(), 60_000);

const file = (instances: string, memory = 64) => `tandem: 1
defaults: { cpu: 20, memory: ${memory}, health: { interval: 1s }, update: { healthy: 200ms, deadline: 20s, drain: 1s } }
services:
  web: { instances: ${instances} }
`;
const { signal } = new AbortController();
const running = async () =>
  (await stage.agents.nomad.jobs.allocations('web')).filter(
    ({ ClientStatus, DesiredStatus }) => ClientStatus === 'running' && DesiredStatus === 'run',
  );

async function scale(yaml: string, count: number): Promise<void> {
  const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });
  const { target } = stage;
  const progress = reported(() => undefined);
  const about = {
    service: 'web',
    clouds: target.clouds,
    target,
    model,
    origins,
    who: 'me',
    progress,
    signal,
  };
  await rollJobs(about, (live) => scaled(live, count));
}

test('a fixed count: the plan says that it was changed by hand, and the deploy takes it back without a restart', async () => {
  await stage.deploy(file('1'));
  const [first] = await running();
  await scale(file('1'), 3);
  expect(await running()).toHaveLength(3);
  const shown = await stage.planned(file('1'));
  expect(shown).toContain('~ web  changed since the last deploy: instances 3 → 1 · 2 fewer, no restart');
  expect(afterwards(3, { min: 1, max: 1 })).toContain('The file says 1');
  await stage.deploy(file('1'));
  expect(await stage.planned(file('1'))).toBe('local is as the file says: nothing to change.');
  expect((await running()).map(({ ID }) => ID)).toEqual([first?.ID]);
}, 120_000);

test('a rollback from a scaled state goes to the count of its release', async () => {
  await stage.deploy(file('1', 72));
  await scale(file('1', 72), 2);
  const releases = new Releases(stage.target);
  const { plan } = await stage.deploy(file('1'), {
    wanted: await releases.set(await releases.get(1)),
    rollbackTo: 1,
  });
  const web = plan.clouds[0]?.jobs.find(({ id }) => id === 'web');
  expect(web?.instances).toEqual({ before: 2, after: 1 });
  expect(web?.changes.map(({ words }) => words)).toEqual(
    expect.arrayContaining(['instances 2 → 1', 'memory 72 → 64 MiB']),
  );
  expect(await running()).toHaveLength(1);
  expect(await stage.planned(file('1'))).toBe('local is as the file says: nothing to change.');
}, 120_000);

test('a range: the count is left alone, and the plan says whose it is', async () => {
  const range = file('1..4');
  await stage.deploy(range);
  await scale(range, 3);
  const left = '    web: 3 instances, within its 1..4, left to the autoscaler';
  expect(await stage.planned(range)).toBe(`local is as the file says: nothing to change.\n${left}`);
  expect(await stage.deploy(range)).toMatchObject({ kind: 'unchanged' });
  expect(await stage.planned(file('1..4', 72))).toContain(left);
  await stage.deploy(file('1..4', 72));
  expect(await running()).toHaveLength(3);
  expect(afterwards(3, { min: 1, max: 4 })).toContain('a deploy leaves the count alone');
}, 120_000);

test('a count outside of the range is brought back into it', async () => {
  const range = file('1..4', 72);
  await scale(range, 5);
  expect(await stage.planned(range)).toContain('instances 5 → 4, instances at most 5 → 4');
  expect(afterwards(5, { min: 1, max: 4 })).toContain('brings the count back');
}, 120_000);
