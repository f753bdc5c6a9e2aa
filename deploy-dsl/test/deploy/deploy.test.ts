import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readHistory } from '../../src/deploy/history.ts';
import { Releases } from '../../src/deploy/releases.ts';
import { openStage, program, type Stage } from './stage.ts';

/** One story: each scenario starts from what the one before has left running. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(['web', 'api']);
});
afterAll(() => stage?.stop());

const file = ({ instances = '1', web = '', api = '' } = {}) => `tandem: 1
defaults: { cpu: 20, memory: 64, health: { interval: 1s }, update: { healthy: 200ms, deadline: 10s, drain: 1s } }
services:
  web: { instances: ${instances}, ${web} }
${api === 'gone' ? '' : `  api: { needs: [web], ${api} }`}
`;
const runningOf = async (id: string) =>
  (await stage.agents.nomad.jobs.allocations(id)).filter((each) => each.ClientStatus === 'running');
const versionsOf = async (id: string) => (await stage.agents.nomad.jobs.get(id))?.Version;

test('the first deploy starts services by need and records a release', async () => {
  expect(await stage.planned(file())).toContain('+ web     new · 1 instance');
  const { kind, release } = await stage.deploy(file());
  expect(kind).toBe('done');
  expect(release).toMatchObject({ number: 1, status: 'done', who: 'tester@here', rollbackTo: null });
  expect(release?.summary).toContain('web: new');
  const firstOfApi = stage.events.findIndex((event) => event.startsWith('api:'));
  expect(stage.events.indexOf('web: 1 instance healthy')).toBeLessThan(firstOfApi);
  expect(await runningOf('web')).toHaveLength(1);
  expect(await runningOf('api')).toHaveLength(1);
});

test('right after a deploy the plan is empty, and a second deploy changes nothing', async () => {
  expect(await stage.planned(file())).toBe('local is as the file says: nothing to change.');
  expect(await stage.deploy(file())).toMatchObject({ kind: 'unchanged', release: null });
  expect(await new Releases(stage.target).list()).toHaveLength(1);
  expect(await versionsOf('web')).toBe(0);
});

test('Nomad is asked for no dry run of jobs that nobody has touched since the last deploy', async () => {
  const dryRuns = vi.spyOn(stage.agents.nomad.jobs, 'plan');
  try {
    expect(await stage.planned(file())).toContain('nothing to change');
    expect(dryRuns.mock.calls).toEqual([]);
    await stage.planned(file({ instances: '2' }));
    expect(dryRuns.mock.calls.map(([{ ID }]) => ID)).toEqual(['web']);
  } finally {
    dryRuns.mockRestore();
  }
});

test('more instances restart nothing', async () => {
  const [before] = await runningOf('web');
  expect(await stage.planned(file({ instances: '2' }))).toContain(
    '~ web  instances 1 → 2 · 1 more, no restart\n    unchanged: api, routes\n    memory reserved 128 → 192 of 4000 MiB',
  );
  await stage.deploy(file({ instances: '2' }));
  const after = await runningOf('web');
  expect(after).toHaveLength(2);
  expect(after.map(({ ID }) => ID)).toContain(before?.ID);
});

test('a changed source file is a new version, rolled out with the new instance first', async () => {
  await writeFile(join(stage.root, 'services/web/src/main.ts'), `${program}// changed\n`);
  const shown = await stage.planned(file({ instances: '2' }));
  expect(shown).toMatch(
    /~ web {2}version [0-9a-f]{12} → [0-9a-f]{12} · restarts 2 instances \(the new ones start first\)/,
  );
  expect(shown).toContain('(+128 while it rolls)');
  const { plan } = await stage.deploy(file({ instances: '2' }));
  expect(plan.clouds[0]?.jobs.find(({ id }) => id === 'web')?.effect.restarted).toBe(2);
  const version = await versionsOf('web');
  expect((await runningOf('web')).filter(({ JobVersion }) => JobVersion === version)).toHaveLength(2);
  expect(await stage.planned(file({ instances: '2' }))).toContain('nothing to change');
});

test('what was scaled by hand shows up as a change by hand, and the deploy takes it back', async () => {
  await stage.agents.nomad.jobs.scale('web', 'web', 3);
  const { plan } = await stage.deploy(file({ instances: '2' }));
  const web = plan.clouds[0]?.jobs.find(({ id }) => id === 'web');
  expect(web).toMatchObject({ drift: true, instances: { before: 3, after: 2 } });
  expect(await versionsOf('web')).toBeDefined();
});

test('a job that was registered by hand shows up as a change by hand', async () => {
  const { jobs } = stage.agents.nomad;
  const live = await jobs.get('api');
  if (live === null) throw new Error('api runs');
  const important = { ...live, Priority: 70 };
  await jobs.register(important);
  const { plan } = await stage.deploy(file({ instances: '2' }));
  expect(plan.clouds[0]?.jobs.find(({ id }) => id === 'api')).toMatchObject({
    action: 'update',
    drift: true,
  });
  expect(await stage.planned(file({ instances: '2' }))).toContain('nothing to change');
});

test('a count within the limits of the autoscaler is left alone, one outside is not', async () => {
  await stage.deploy(file({ instances: '2..4' }));
  await stage.agents.nomad.jobs.scale('web', 'web', 4);
  expect(await stage.planned(file({ instances: '2..4' }))).toContain('nothing to change');
  const other = await stage.plan(file({ instances: '2..4', web: 'memory: 80' }));
  expect(other.clouds[0]?.jobs.find(({ id }) => id === 'web')?.spec?.TaskGroups[0]?.Count).toBe(4);
  expect(await stage.planned(file({ instances: '1..3' }))).toContain('instances 4 → 3');
  await stage.deploy(file({ instances: '1' }));
});

test('a stopped service is started again', async () => {
  await stage.agents.nomad.jobs.deregister('web');
  expect(await stage.planned(file())).toContain('started again (it was stopped)');
  await stage.deploy(file());
  expect(await runningOf('web')).not.toHaveLength(0);
});

test('a canary bakes, is promoted, and the rest follows', async () => {
  const canary = (memory: number) => file({ api: `memory: ${memory}, update: { canary: 50%, bake: 1s }` });
  await stage.deploy(canary(64));
  stage.events.length = 0;
  expect(await stage.planned(canary(72))).toContain('(canary first: 50 % of requests for 1 s)');
  await stage.deploy(canary(72));
  expect(
    stage.events.some((event) => /canary [0-9a-f]{8} takes 50 % of requests, promoted in/.test(event)),
  ).toBe(true);
  expect(stage.events).toContain('api: promoted');
  expect(await stage.planned(canary(72))).toContain('nothing to change');
});

test('a service that is no longer in the file is stopped', async () => {
  const without = file({ api: 'gone' });
  expect(await stage.planned(without)).toContain('- api  no longer in the file · stops 1 instance');
  await stage.deploy(without);
  expect(await runningOf('api')).toHaveLength(0);
  expect(await stage.planned(without)).toContain('nothing to change');
});

test('a rollback brings a whole earlier release back, services that are gone included', async () => {
  const releases = new Releases(stage.target);
  const first = await releases.get(1);
  const outcome = await stage.deploy(file(), {
    wanted: await releases.set(first),
    rollbackTo: 1,
  });
  expect(outcome.release).toMatchObject({ status: 'done', rollbackTo: 1 });
  expect(await runningOf('api')).toHaveLength(1);
  const live = await stage.agents.nomad.jobs.get('web');
  const [build] = first.builds.filter((name) => name.startsWith('web-'));
  expect(live?.TaskGroups[0]?.Tasks[0]?.Config?.work_dir).toContain(build);
  const history = await readHistory(stage.target);
  expect(history.current?.number).toBe(outcome.release?.number);
});
