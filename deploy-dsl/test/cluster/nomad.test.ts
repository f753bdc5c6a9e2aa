import { freePorts } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterError, isConflict } from '../../src/cluster/cluster-error.ts';
import { isDeploymentOver } from '../../src/cluster/nomad/deployment.ts';
import { Nomad } from '../../src/cluster/nomad.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { idle, scriptJob } from '../support/jobs.ts';
import { until } from '../support/until.ts';

let agents: Agents;
let nomad: Nomad;

beforeAll(async () => {
  agents = await startAgents();
  nomad = agents.nomad;
});

afterAll(() => agents?.stop());

describe('jobs', () => {
  test('a job that is not there is null', async () => {
    expect(await nomad.jobs.get('nobody')).toBeNull();
    expect(await nomad.jobs.latestDeployment('nobody')).toBeNull();
    expect(await nomad.jobs.versions('nobody')).toEqual([]);
    expect(await nomad.jobs.allocations('nobody')).toEqual([]);
  });

  test('plan, register, watch the deployment, change, scale and deregister', async () => {
    const job = scriptJob('steps', idle);
    const plan = await nomad.jobs.plan(job);
    expect(plan.JobModifyIndex).toBe(0);
    expect(plan.Diff?.Type).toBe('Added');
    expect(plan.Annotations?.DesiredTGUpdates?.steps?.Place).toBe(1);

    const { EvalID } = await nomad.jobs.register(job, { enforceIndex: 0 });
    const evaluation = await until('the evaluation is complete', async () => {
      const found = await nomad.evaluation(EvalID);
      return found?.Status === 'complete' ? found : null;
    });
    const id = evaluation.DeploymentID ?? '';
    let { value: deployment, index } = await nomad.deployments.watch(id);
    while (!isDeploymentOver(deployment)) {
      ({ value: deployment, index } = await nomad.deployments.watch(id, { index, waitMs: 5_000 }));
    }
    expect(deployment.Status).toBe('successful');
    const [allocation] = await nomad.deployments.allocations(id);
    expect(allocation?.DeploymentStatus?.Healthy).toBe(true);
    const [withResources] = await nomad.allocations.list();
    expect(withResources?.AllocatedResources?.Tasks?.steps?.Memory.MemoryMB).toBe(32);
    expect(withResources?.AllocatedResources?.Shared.Ports?.[0]?.Label).toBe('http');

    const live = await nomad.jobs.get('steps');
    expect(live?.Version).toBe(0);
    expect(live?.TaskGroups[0]?.Tasks[0]?.Env).toBeNull();
    const stale = await nomad.jobs
      .register({ ...job, Meta: { a: '1' } }, { enforceIndex: 0 })
      .catch((e) => e);
    expect(stale).toBeInstanceOf(ClusterError);
    expect(isConflict(stale)).toBe(true);

    const edited = await nomad.jobs.plan({ ...job, Meta: { a: '1' } });
    expect(edited.Diff?.Objects?.length ?? edited.Diff?.Fields?.length).toBeGreaterThan(0);

    await nomad.jobs.scale('steps', 'steps', 2, { message: 'scaled by a test' });
    await until('two instances run', async () => {
      const list = await nomad.jobs.allocations('steps');
      return list.filter((a) => a.ClientStatus === 'running').length === 2;
    });
    expect((await nomad.jobs.get('steps'))?.TaskGroups[0]?.Count).toBe(2);
    await nomad.jobs.deregister('steps');
    expect((await nomad.jobs.get('steps'))?.Stop).toBe(true);
    expect((await nomad.jobs.list({ prefix: 'steps' }))[0]?.Stop).toBe(true);
  });

  test('while its port is held, an instance waits: it is not placed on ::1, where nobody finds it', async () => {
    const [port = 0] = await freePorts(1);
    const onPort = (id: string) =>
      scriptJob(id, idle, { Networks: [{ Mode: 'host', ReservedPorts: [{ Label: 'fixed', Value: port }] }] });
    await nomad.jobs.register(onPort('holder'));
    await until('the port is held', async () => {
      const [holder] = await nomad.jobs.allocations('holder');
      return holder?.ClientStatus === 'running';
    });
    expect((await nomad.jobs.plan(onPort('waiting'))).FailedTGAllocs).toHaveProperty('waiting');
    await nomad.jobs.deregister('holder');
    await until('it has its turn', async () => {
      return Object.keys((await nomad.jobs.plan(onPort('waiting'))).FailedTGAllocs ?? {}).length === 0;
    });
  });

  test('validate says what is wrong with a job', async () => {
    const job = scriptJob('Not Valid', idle);
    job.TaskGroups[0]?.Tasks.forEach((task) => {
      task.Resources.MemoryMB = 1;
    });
    const { Error: error, ValidationErrors } = await nomad.jobs.validate(job);
    expect(ValidationErrors?.length).toBeGreaterThan(0);
    expect(error).toMatch(/MemoryMB|memory/i);
  });

  test('a name with slashes reaches no other path', async () => {
    expect(await nomad.jobs.get('../nodes')).toBeNull();
    expect(await nomad.jobs.get('a/b?c#d')).toBeNull();
  });
});

describe('instances', () => {
  test('events, files and logs of an instance', async () => {
    const lines = `console.log('line one'); console.error('oops'); setInterval(() => {}, 1000)`;
    await nomad.jobs.register(scriptJob('talk', lines));
    const allocation = await until('it runs', async () => {
      const [first] = await nomad.jobs.allocations('talk');
      return first?.ClientStatus === 'running' ? first : null;
    });
    const events = allocation.TaskStates?.talk?.Events ?? [];
    expect(events.map((event) => event.Type)).toContain('Started');
    await until('both lines are there', async () => {
      const out = await nomad.allocations.tail(allocation.ID, 'talk', { type: 'stdout', bytes: 1000 });
      const err = await nomad.allocations.tail(allocation.ID, 'talk', { type: 'stderr', bytes: 1000 });
      return out === 'line one\n' && err === 'oops\n';
    });
    expect(await nomad.allocations.tail(allocation.ID, 'talk', { type: 'stdout', bytes: 4 })).toBe('one\n');
    const names = (await nomad.allocations.files(allocation.ID, 'alloc/logs')).map((file) => file.Name);
    expect(names).toContain('talk.stdout.0');
    expect(await nomad.allocations.files(allocation.ID, 'alloc/nothing')).toEqual([]);
    expect(await nomad.allocations.cat(allocation.ID, 'alloc/logs/talk.stdout.0')).toBe('line one\n');
    expect(await nomad.allocations.cat(allocation.ID, 'alloc/nothing')).toBeNull();
    const memory = await until('the node has measured its memory', async () => {
      const found = (await nomad.allocations.stats(allocation.ID)).ResourceUsage?.MemoryStats;
      return (found?.RSS ?? 0) > 1_000_000 ? found : null;
    });
    expect(memory.Measured, 'of a plain process: no control group').toEqual(['RSS', 'Swap']);
  });

  test('following a log gives what is written later, and ends with the signal', async () => {
    const ticking = `let n = 0; setInterval(() => console.log('tick ' + n++), 100)`;
    await nomad.jobs.register(scriptJob('ticks', ticking));
    const allocation = await until('it runs', async () => {
      const [first] = await nomad.jobs.allocations('ticks');
      return first?.ClientStatus === 'running' ? first : null;
    });
    const abort = new AbortController();
    let text = '';
    const reading = (async () => {
      const log = nomad.allocations.logs(allocation.ID, 'ticks', {
        type: 'stdout',
        follow: true,
        origin: 'start',
        offset: 0,
        signal: abort.signal,
      });
      for await (const frame of log) {
        text += Buffer.from(frame.data).toString();
        if (text.includes('tick 5')) abort.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(text).toMatch(/^tick 0\ntick 1\ntick 2\n/);
  });
});

describe('variables', () => {
  const path = 'nomad/jobs/steps';

  test('a set is written, read, listed and removed, only over the state that was read', async () => {
    expect(await nomad.variables.get(path)).toBeNull();
    const first = await nomad.variables.put(path, { key_one: 'first-secret' }, { cas: 0 });
    expect((await nomad.variables.get(path))?.Items).toEqual({ key_one: 'first-secret' });
    const conflict = await nomad.variables.put(path, { key_one: 'v2' }, { cas: 0 }).catch((e) => e);
    expect(isConflict(conflict)).toBe(true);
    expect(String(conflict) + JSON.stringify(conflict)).not.toContain('first-secret');
    await nomad.variables.put(path, { key_one: 'v2' }, { cas: first.ModifyIndex });
    expect((await nomad.variables.list('nomad/jobs')).map((one) => one.Path)).toEqual([path]);
    await nomad.variables.delete(path);
    expect(await nomad.variables.get(path)).toBeNull();
  });
});

test('the event stream tells of a new job and its instance, and ends quietly', async () => {
  const abort = new AbortController();
  const topics: string[] = [];
  const reading = (async () => {
    const stream = nomad.events({
      topics: { Job: ['heard'], Allocation: ['heard'], Deployment: ['heard'] },
      signal: abort.signal,
    });
    for await (const event of stream) {
      topics.push(event.Topic);
      if (event.Payload.Allocation?.ClientStatus === 'running') return event.Payload.Allocation;
    }
    return null;
  })();
  await nomad.jobs.register(scriptJob('heard', idle));
  const allocation = await reading;
  abort.abort();
  expect(allocation?.JobID).toBe('heard');
  expect(topics).toContain('Job');

  const silent = nomad.events({ topics: { Node: ['*'] }, signal: AbortSignal.abort() });
  expect((await silent.next()).done).toBe(true);
});

describe('failures', () => {
  test('nobody listens', async () => {
    const [port] = await freePorts(1);
    const nowhere = new Nomad({ address: `http://127.0.0.1:${port}`, region: 'local', local: true });
    const error: unknown = await nowhere.jobs.list().catch((e) => e);
    if (!(error instanceof ClusterError)) throw error;
    expect(error.unreachable).toBe(true);
    expect(error.diagnostics[0]?.code).toBe('TDM-300');
    expect(error.diagnostics[0]?.title).toContain('nothing listens there');
    expect(error.diagnostics[0]?.help.join()).toContain('./tandem up');
  });

  test('something else listens', async () => {
    const nomadAsConsul = new Nomad({ address: agents.consul.address, region: 'local', local: false });
    const error: unknown = await nomadAsConsul.jobs.list().catch((e) => e);
    if (!(error instanceof ClusterError)) throw error;
    expect(error.diagnostics[0]?.code).toMatch(/TDM-30[12]/);
  });

  test('a cloud that is not joined', async () => {
    const other = new Nomad({ address: nomad.address, region: 'gcp', local: false });
    const error: unknown = await other.jobs.list().catch((e) => e);
    if (!(error instanceof ClusterError)) throw error;
    expect(error.diagnostics[0]?.code).toBe('TDM-304');
    expect(error.diagnostics[0]?.title).toContain('gcp');
  });

  test('an abort keeps its own reason', async () => {
    const signal = AbortSignal.abort(new Error('changed my mind'));
    await expect(nomad.jobs.list({ signal })).rejects.toThrow('changed my mind');
  });
});
