import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readHistory } from '../../src/deploy/history.ts';
import { Releases } from '../../src/deploy/releases.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
const file = ({ web = '', api = '', more = '' } = {}) => `tandem: 1
defaults: { cpu: 20, memory: 64, health: { interval: 1s }, update: { healthy: 200ms, deadline: 1m, drain: 1s } }
services:
  web: { ${web} }
  api: { needs: [web], ${api} }
${more}`;
const good = file();
/** Never healthy, and found out soon. */
const sick = 'env: { MODE: sick }, update: { deadline: 5s }';

beforeAll(async () => {
  stage = await openStage(['web', 'api'], { memoryMiB: 1_000 });
  await stage.deploy(good);
});
afterAll(() => stage?.stop());
beforeEach(() => {
  stage.events.length = 0;
});

/** The diagnostics that a deploy of this file fails with. */
async function failureOf(yaml: string) {
  const error: unknown = await stage.deploy(yaml).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TandemError)) throw new Error(`it did not fail as expected: ${error}`);
  return error.diagnostics;
}
const newest = async () => (await new Releases(stage.target).list())[0];
const running = async (id: string) =>
  (await stage.agents.nomad.jobs.allocations(id)).filter(
    (each) => each.ClientStatus === 'running' && each.DesiredStatus === 'run',
  );

test('an unhealthy version is put back; the check and the last words stay in the release', async () => {
  const [before] = await running('api');
  const [why, note] = await failureOf(file({ api: sick }));
  expect(why?.title).toContain('"api" is not healthy');
  expect(why?.evidence.join('\n')).toContain('the database is away');
  expect(why?.evidence.join('\n')).toMatch(/listening as [0-9a-f]{12}/);
  expect(note?.title).toBe('release 2 failed; what it had changed was put back, as in release 1');
  // The old instance was never touched: the new one was an extra one.
  expect((await running('api')).map(({ ID }) => ID)).toEqual([before?.ID]);
  const record = await newest();
  expect(record).toMatchObject({ number: 2, status: 'reverted' });
  expect(record?.diagnostics[0]).toEqual(why);
  expect((await readHistory(stage.target)).current?.number).toBe(1);
  expect(await stage.planned(good)).toContain('nothing to change');
});

test('a health check with a wrong path fails long before its deadline, and the instances before it serve on', async () => {
  const before = (await running('api')).map(({ ID }) => ID);
  const [why] = await failureOf(
    file({ api: 'health: { path: /nowhere, interval: 1s }, update: { deadline: 10m }' }),
  );
  expect(why?.title).toContain('"api" is not healthy');
  expect(why?.caption).toBe('the health check is answered 404 Not Found');
  expect(why?.range?.start.line).toBe(5);
  expect((await running('api')).map(({ ID }) => ID)).toEqual(before);
  expect(await stage.planned(good)).toContain('nothing to change');
});

test('a crashing version fails long before its deadline', async () => {
  const [why] = await failureOf(file({ web: 'env: { MODE: crash }, update: { deadline: 10m }' }));
  expect(why?.title).toContain('exit code 7');
  expect(why?.evidence).toContain('no such table: polls');
  expect(await stage.planned(good)).toContain('nothing to change');
});

test('what was already rolled out goes back too: a release is a set', async () => {
  const [, note] = await failureOf(file({ web: 'memory: 72', api: sick }));
  expect(stage.events).toContain('web: 1 instance healthy');
  expect(note?.evidence).toEqual(['put back: web, api']);
  expect(await stage.planned(good)).toContain('nothing to change');
});

test('a canary that falls ill while it bakes is taken back', async () => {
  const ill = join(stage.root, 'ill');
  const failing = failureOf(
    file({ api: `env: { MODE: relapse, ILL: ${ill} }, update: { canary: 50%, bake: 10m, healthy: 100ms }` }),
  );
  await until('it takes its share', () =>
    stage.events.some((event) => event.includes('takes 50 % of requests')),
  );
  await writeFile(ill, '');
  const [why] = await failing;
  expect(why?.title).toContain('"api" is not healthy');
  expect(why?.evidence.join('\n')).toContain('the database is away');
  expect(await stage.planned(good)).toContain('nothing to change');
});

test('an instance that fits on no node is refused before anything is touched', async () => {
  const before = await newest();
  expect(await stage.planned(file({ web: 'memory: 900' }))).toContain('no node of local can take web now');
  const [why] = await failureOf(file({ web: 'memory: 900' }));
  expect(why?.title).toContain('web');
  expect(why?.range?.start.line).toBe(4);
  expect(await newest()).toEqual(before);
});

test('two that fit alone but not together: the second fails long before its deadline, and all is put back', async () => {
  const [why] = await failureOf(file({ web: 'memory: 480', api: 'memory: 480, update: { deadline: 10m }' }));
  expect(why?.title).toContain('api');
  expect(await stage.planned(good)).toContain('nothing to change');
});

test('with update.revert off, the failed version is left for a look, and the next deploy mends it', async () => {
  const [, note] = await failureOf(
    file({ api: 'env: { MODE: sick }, update: { revert: false, deadline: 5s }' }),
  );
  expect(note?.title).toContain('is left as it is');
  expect(await newest()).toMatchObject({ status: 'failed' });
  await stage.deploy(good);
  expect(await stage.planned(good)).toContain('nothing to change');
});

test('a missing secret is named before anything is touched', async () => {
  const before = await newest();
  const [why] = await failureOf(file({ api: 'secrets: [smtp-password]' }));
  expect(why).toMatchObject({
    code: 'TDM-355',
    title: 'the secret "smtp-password" of api is missing in local',
  });
  expect(why?.range?.start.line).toBe(5);
  expect(await newest()).toEqual(before);
});

test('a secret that can be generated is, and a second deploy keeps it', async () => {
  const withKey = file({ api: 'secrets: { jwt-private-key: { generate: rsa-2048 } }' });
  expect(await stage.planned(withKey)).toContain('jwt-private-key of api is generated');
  await stage.deploy(withKey);
  const key = async () => (await stage.agents.nomad.variables.get('nomad/jobs/api'))?.Items.jwt_private_key;
  const made = await key();
  expect(made).toContain('BEGIN PRIVATE KEY');
  expect(await stage.planned(withKey)).toContain('nothing to change');
  await stage.deploy(
    file({ web: 'memory: 72', api: 'secrets: { jwt-private-key: { generate: rsa-2048 } }' }),
  );
  expect(await key()).toBe(made);
});
