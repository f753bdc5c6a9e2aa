import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCloud } from '../../src/inspect/state.ts';
import { whyIn } from '../../src/inspect/why.ts';
import { loadSource } from '../../src/language/load.ts';
import { restarted, rollJobs, scaled } from '../../src/operate/roll.ts';
import { secretStates, writeSecret } from '../../src/operate/secrets.ts';
import { createProgress } from '../../src/terminal/progress.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { idle, scriptJob, server } from '../support/jobs.ts';
import { plainTerminal } from '../support/plain-terminal.ts';
import { until } from '../support/until.ts';

const yaml =
  'tandem: 1\nservices:\n  web:\n    command: [node, server.js]\n    secrets: [key-one, key-two]\n';
const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });
let agents: Agents;

beforeAll(async () => {
  agents = await startAgents();
});

afterAll(() => agents?.stop());

const neverPasses = {
  Name: 'web ready',
  Type: 'http' as const,
  Path: '/healthz',
  Interval: 1_000_000_000,
  Timeout: 1_000_000_000,
};

const cloud = () => ({ name: 'local', nomad: agents.nomad, consul: agents.consul });

test('secrets are set and removed one by one; their values are never listed', async () => {
  const web = model.services.web;
  if (web === undefined) throw new Error('the file has it');
  await writeSecret('web', 'key-one', 'v-1', [cloud()]);
  await writeSecret('web', 'key-two', 'v-2', [cloud()]);
  await writeSecret('web', 'key-one', null, [cloud()]);
  const states = await secretStates(web, [cloud()]);
  expect(states.map(({ name, setIn }) => [name, setIn])).toEqual([
    ['key-one', []],
    ['key-two', ['local']],
  ]);
  expect(JSON.stringify(states)).not.toContain('v-2');
  await expect(writeSecret('web', 'key-one', 'x'.repeat(70_000), [cloud()])).rejects.toMatchObject({
    diagnostics: [{ code: 'TDM-342' }],
  });
});

test('a restart replaces the instance, a scaling adds one, and status and why see them healthy', async () => {
  await agents.nomad.jobs.register(scriptJob('web', server));
  await until('it is rolled out', async () => {
    return (await agents.nomad.jobs.latestDeployment('web'))?.Status === 'successful';
  });
  const target = { environment: 'local', clouds: [cloud()], rabbitmq: null };
  const signal = new AbortController().signal;
  const progress = createProgress(plainTerminal());
  const operation = {
    service: 'web',
    clouds: [cloud()],
    target,
    model,
    origins,
    who: 'me',
    progress,
    signal,
  };
  const before = (await agents.nomad.jobs.allocations('web'))[0]?.ID;
  await rollJobs(operation, restarted);
  await rollJobs(operation, (live) => scaled(live, 2));
  const [state] = await readCloud(cloud(), 'local', ['web']);
  expect(state).toMatchObject({ state: 'healthy', wanted: 2, ready: 2 });
  expect(state?.instances.map(({ id }) => id)).not.toContain(before);
  const why = await whyIn(cloud(), 'web', { target, model, origins, signal });
  expect(why.problems).toEqual([]);
});

test('a rollout that is under way is not broken off by a restart', async () => {
  const live = await agents.nomad.jobs.get('web');
  if (live === null) throw new Error('it was registered above');
  const slow = scriptJob('web', idle, {
    Services: [{ Name: 'web', Provider: 'consul', PortLabel: 'http', Tags: [], Checks: [neverPasses] }],
  });
  await agents.nomad.jobs.register(slow);
  await until('its deployment runs', async () => {
    const deployment = await agents.nomad.jobs.latestDeployment('web');
    return deployment?.Status === 'running' && deployment.JobVersion > live.Version;
  });
  const target = { environment: 'local', clouds: [cloud()], rabbitmq: null };
  const progress = createProgress(plainTerminal());
  const { signal } = new AbortController();
  const about = { service: 'web', clouds: [cloud()], target, model, origins, who: 'me', progress, signal };
  await expect(rollJobs(about, restarted)).rejects.toMatchObject({ diagnostics: [{ code: 'TDM-337' }] });
});
