import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Allocation } from '../../src/cluster/nomad/allocation.ts';
import { whyIn } from '../../src/inspect/why.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage, wanted } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(['web', 'api']);
});
afterAll(() => stage?.stop());

/** What the restarts of an instance come to; it answers `/healthz/…` by 503 when it is ill, and `/alive` as long as it can. */
const restarts = ({ TaskStates }: Allocation) =>
  Object.values(TaskStates ?? {}).reduce((sum, task) => sum + task.Restarts, 0);

test('what hangs is restarted where it is; what is only not ready is left alone', async () => {
  const { nomad, consul } = stage.agents;
  const ill = (service: string) => join(stage.root, `${service}-is-ill`);
  const yaml = `
tandem: 1
defaults: { cpu: 20, memory: 64, health: { live: /alive }, update: { healthy: 200ms, deadline: 30s, drain: 1s } }
services:
  web: { env: { MODE: hang, ILL: ${ill('web')} } }
  api: { env: { MODE: relapse, ILL: ${ill('api')} } }
`;
  await stage.deploy(yaml);
  await writeFile(ill('api'), '');
  await until('it is out of rotation', async () =>
    (await consul.health('api')).some(({ Checks }) => Checks.some(({ Status }) => Status === 'critical')),
  );
  await writeFile(ill('web'), '');
  const web = await until('the one that hangs was restarted', async () =>
    (await nomad.jobs.allocations('web')).find((each) => restarts(each) > 0),
  );
  // Longer than a process may leave the question of whether it lives unanswered.
  const api = await nomad.jobs.allocations('api');
  expect(api.map((each) => [each.ClientStatus, restarts(each)])).toEqual([['running', 0]]);
  const { model, origins } = await wanted(stage.root, yaml);
  const [cloud] = stage.target.clouds;
  if (cloud === undefined) throw new Error('there is one cloud');
  const { signal } = new AbortController();
  const found = await whyIn(cloud, 'web', { target: stage.target, model, origins, signal });
  expect(found.instances[0]?.ends).toMatchObject([
    { task: 'web', how: 'it hung: the check "web alive" was not answered' },
  ]);
  await until('and is in rotation again', async () =>
    (await consul.health('web', { passing: true })).some(({ Service }) => Service.ID.includes(web.ID)),
  );
});
