import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NomadJob } from '../../src/cluster/nomad-job.ts';
import type { Target } from '../../src/cluster/target.ts';
import { compile } from '../../src/compile/compile.ts';
import { runtime } from '../../src/compile/runtime.ts';
import { blame } from '../../src/deploy/blame.ts';
import { planExplained } from '../../src/deploy/deploy.ts';
import { type Diagnostic, TandemError } from '../../src/language/diagnostic.ts';
import { loadSource } from '../../src/language/load.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { idle, scriptJob } from '../support/jobs.ts';
import { until } from '../support/until.ts';

/** What a real scheduler says of jobs that it cannot place or does not take, pointed at the line that is at fault. */

let agents: Agents;
let target: Target;
beforeAll(async () => {
  agents = await startAgents({
    cloud: 'aws',
    nodes: [
      { class: 'default', memoryMiB: 600, cpuMHz: 1_000 },
      { class: 'default', memoryMiB: 400, cpuMHz: 1_000 },
      { class: 'media', memoryMiB: 400, cpuMHz: 4_000 },
      { class: 'small', memoryMiB: 100, cpuMHz: 1_000 },
    ],
  });
  const { nomad, consul } = agents;
  target = { environment: 'staging', clouds: [{ name: 'aws', nomad, consul }], rabbitmq: null };
});
afterAll(() => agents?.stop());

const file = (web: string, more = '') => `tandem: 1
clouds: { aws: {} }
defaults: { cpu: 20, memory: 64 }
services:
  web: { ${web} }
environments:
  staging: { clouds: [aws], driver: raw_exec }
${more}`;

/** Only the service `web`, as the file compiles, with what else the scenario wants of it. */
function load(yaml: string, environment = 'staging', change: (spec: NomadJob) => void = () => undefined) {
  const { model, origins } = loadSource(yaml, { file: 'services.yml', environment });
  const compiled = compile(model, new Map());
  const clouds = compiled.clouds.map((cloud) => ({
    ...cloud,
    jobs: cloud.jobs.filter(({ spec }) => spec.ID.startsWith('web')),
  }));
  for (const { jobs } of clouds) for (const { spec } of jobs) change(spec);
  return { wanted: { model, compiled: { ...compiled, clouds } }, target, origins };
}

/** What the dry run says of it. */
async function unplaced(yaml: string, environment = 'staging'): Promise<Diagnostic> {
  const request = load(yaml, environment);
  const plan = await planExplained(request, { last: async () => null, interrupted: false, registered: {} });
  const [found] = plan.clouds.flatMap(({ cloud, jobs }) =>
    jobs.flatMap(({ id, placementFailures }) =>
      Object.values(placementFailures).map((metric) =>
        blame({ kind: 'unplaced', job: id, cloud, metric }, request.wanted.model, request.origins),
      ),
    ),
  );
  if (found === undefined) throw new Error('it could be placed');
  return found;
}

/** Line and text that it points at: `5: 700`. */
function at({ range }: Diagnostic, yaml: string): string | null {
  if (range === null) return null;
  const line = yaml.split('\n')[range.start.line - 1] ?? '';
  return `${range.start.line}: ${line.slice(range.start.column - 1, range.end.column - 1)}`;
}

describe('no node takes an instance', () => {
  test('memory: the value of the service', async () => {
    const yaml = file('memory: 700');
    const said = await unplaced(yaml);
    expect(said).toMatchObject({
      code: 'TDM-311',
      title: 'no node in aws has room for "web": memory is short',
      caption: 'each instance asks for 700 MiB',
    });
    expect(at(said, yaml)).toBe('5: 700');
    expect(said.evidence).toContain('2 of 4 nodes: not enough memory');
    expect(said.evidence).toContain('2 of 4 nodes: not of the class "default"');
  });

  test('memory that the defaults give: their line', async () => {
    const yaml = file('').replace('memory: 64', 'memory: 700');
    expect(at(await unplaced(yaml), yaml)).toBe('3: 700');
  });

  test('memory that is built in: the service, for there is no nearer line', async () => {
    const yaml = file('class: small').replace('defaults: { cpu: 20, memory: 64 }', '');
    const said = await unplaced(yaml);
    expect(said).toMatchObject({ code: 'TDM-311', caption: 'each instance asks for 128 MiB' });
    expect(at(said, yaml)).toBe('5: web');
  });

  test('cpu', async () => {
    const yaml = file('cpu: 2500');
    const said = await unplaced(yaml);
    expect(said).toMatchObject({ code: 'TDM-311', caption: 'each instance asks for 2500 MHz' });
    expect(at(said, yaml)).toBe('5: 2500');
  });

  test('memory of its Redis: the line of the Redis', async () => {
    const yaml = file('redis: { persistent: true, memory: 700 }');
    const said = await unplaced(yaml);
    expect(said).toMatchObject({ code: 'TDM-311', title: expect.stringContaining('"web-redis"') });
    expect(at(said, yaml)).toBe('5: 700');
  });

  test('class', async () => {
    const yaml = file('class: gpu');
    const said = await unplaced(yaml);
    expect(said).toMatchObject({ code: 'TDM-312', caption: 'not of the class "gpu"' });
    expect(at(said, yaml)).toBe('5: gpu');
    expect(said.evidence).toEqual(['4 of 4 nodes: not of the class "gpu"']);
  });

  test('room on the nodes of its class, though most nodes are of another', async () => {
    const yaml = file('class: media, memory: 450');
    const said = await unplaced(yaml);
    expect(said).toMatchObject({ code: 'TDM-311', caption: 'each instance asks for 450 MiB' });
    expect(at(said, yaml)).toBe('5: 450');
    expect(said.evidence).toEqual([
      '3 of 4 nodes: not of the class "media"',
      '1 of 4 nodes: not enough memory',
    ]);
  });

  test('driver: the environment that wants it', async () => {
    const yaml = file('image: web, version: "1"').replace('driver: raw_exec', 'driver: docker');
    const said = await unplaced(yaml);
    expect(said).toMatchObject({ code: 'TDM-314', title: expect.stringContaining('the driver docker') });
    expect(at(said, yaml)).toBe('7: docker');
    const builtIn = yaml.replace(', driver: docker', '');
    const unwritten = await unplaced(builtIn);
    expect(unwritten.code).toBe('TDM-314');
    expect(at(unwritten, builtIn)).toBe('7: staging');
  });

  test('a fixed port that other instances hold on every node of the class', async () => {
    const yaml = file('class: media, ports: { rtc: 40123/udp }');
    const holder = scriptJob('holder', idle, {
      Networks: [{ Mode: 'host', ReservedPorts: [{ Label: 'rtc', Value: 40_123 }] }],
      // Loopback may have an address of IPv6, too, with ports of its own.
      Count: 2,
    });
    const media = { LTarget: runtime('node.class'), RTarget: 'media', Operand: '=' };
    await agents.nomad.jobs.register({
      ...holder,
      Region: 'aws',
      Datacenters: ['aws'],
      Constraints: [media],
    });
    const said = await until('the port is held', () => unplaced(yaml));
    expect(said).toMatchObject({
      code: 'TDM-315',
      title: 'no node in aws has the port 40123 free for "web"',
    });
    expect(at(said, yaml)).toBe('5: 40123/udp');
    await agents.nomad.jobs.deregister('holder', { purge: true });
  });

  test('a volume that no node has', async () => {
    const yaml = file('image: web, version: "1", volumes: { recordings: /data }').replace(
      'driver: raw_exec',
      'driver: docker',
    );
    // Without the driver no node is asked for its volumes: the same job under the driver that is there.
    const request = load(yaml, 'staging', (spec) => {
      for (const group of spec.TaskGroups)
        for (const task of group.Tasks)
          Object.assign(task, { Driver: 'raw_exec', Config: { command: 'true' } });
    });
    const plan = await planExplained(request, { last: async () => null, interrupted: false, registered: {} });
    const [metric] = Object.values(plan.clouds[0]?.jobs[0]?.placementFailures ?? {});
    if (metric === undefined) throw new Error('it could be placed');
    const said = blame(
      { kind: 'unplaced', job: 'web', cloud: 'aws', metric },
      request.wanted.model,
      request.origins,
    );
    expect(said).toMatchObject({ code: 'TDM-312', caption: 'the volume is not there' });
    expect(at(said, yaml)).toBe('5: { recordings: /data }');
  });

  test('no node that takes instances: the cloud', async () => {
    const nodes = await agents.nomad.nodes();
    const eligibility = (value: string) =>
      Promise.all(
        nodes.map(({ ID }) =>
          fetch(`${agents.nomad.address}/v1/node/${ID}/eligibility`, {
            method: 'PUT',
            body: JSON.stringify({ Eligibility: value }),
          }),
        ),
      );
    await eligibility('ineligible');
    const yaml = file('');
    const said = await unplaced(yaml);
    await eligibility('eligible');
    expect(said).toMatchObject({
      code: 'TDM-313',
      title: '"web" has nowhere to run: no node in aws takes instances',
      help: ['look at the Nomad clients of aws: are they up, and not drained?'],
    });
    expect(at(said, yaml)).toBe('7: aws');
  });
});

describe('Nomad does not take a job', () => {
  /** The compiler makes no such job: what it would be blamed on if it did. */
  const rejected = async (yaml: string, change: (spec: NomadJob) => void): Promise<Diagnostic[]> => {
    const planning = planExplained(load(yaml, 'staging', change), {
      last: async () => null,
      interrupted: false,
      registered: {},
    });
    const error: unknown = await planning.catch((reason: unknown) => reason);
    if (!(error instanceof TandemError)) throw new Error('Nomad took it', { cause: error });
    return error.diagnostics;
  };
  const group = (spec: NomadJob) => {
    const [first] = spec.TaskGroups;
    if (first === undefined) throw new Error('a service has a group');
    return first;
  };

  const long = `
      instances: 2
      memory: 64
      cpu: 20
      class: default
      health: { path: /ready, interval: 2s, timeout: 1s }
      update: { healthy: 1s, deadline: 30s, drain: 5s, parallel: 1, canary: 10% }
      ports: { rtc: 40123 }
      env: { LOG: info }
      secrets: [smtp-password]
      command: [node, src/main.ts]`;
  const yaml = `tandem: 1
clouds: { aws: {} }
services:
  web:${long}
environments:
  staging: { clouds: [aws], driver: raw_exec }
`;

  const scenarios: [string, (spec: NomadJob) => void, string][] = [
    ['too little memory', (spec) => eachTask(spec, (task) => (task.Resources.MemoryMB = 5)), '6: 64'],
    [
      'a hard limit below the soft one',
      (spec) => eachTask(spec, (task) => (task.Resources.MemoryMaxMB = 20)),
      '6: 64',
    ],
    ['too little cpu', (spec) => eachTask(spec, (task) => (task.Resources.CPU = 0)), '7: 20'],
    ['a check too often', (spec) => eachCheck(spec, (check) => (check.Interval = 1_000)), '9: 2s'],
    [
      'a check with too short a time-out',
      (spec) => eachCheck(spec, (check) => (check.Timeout = 1_000)),
      '9: 1s',
    ],
    ['a check without a path', (spec) => eachCheck(spec, (check) => (check.Path = '')), '9: /ready'],
    ['a deadline too early', (spec) => eachUpdate(spec, (update) => (update.HealthyDeadline = 1)), '10: 30s'],
    ['a negative count', (spec) => (group(spec).Count = -1), '5: 2'],
    [
      'a port twice',
      (spec) => group(spec).Networks[0]?.ReservedPorts?.push({ Label: 'rtc', Value: 9 }),
      '11: { rtc: 40123 }',
    ],
    [
      'a port out of range',
      (spec) => group(spec).Networks[0]?.ReservedPorts?.push({ Label: 'b', Value: 70_000 }),
      '11: { rtc: 40123 }',
    ],
    ['canaries below zero', (spec) => eachUpdate(spec, (update) => (update.Canary = -1)), '10: 10%'],
    [
      'no driver',
      (spec) => eachTask(spec, (task) => Object.assign(task, { Driver: '' })),
      '14: [node, src/main.ts]',
    ],
    [
      'a constraint that is none',
      (spec) => (spec.Constraints = [{ LTarget: '', RTarget: '', Operand: '' }]),
      '8: default',
    ],
  ];
  test.each(scenarios)('%s', async (_, change, place) => {
    const [said] = await rejected(yaml, change);
    expect(said).toMatchObject({ code: 'TDM-310', severity: 'error' });
    expect(said?.caption).not.toBe('');
    expect(said && at(said, yaml), said?.caption ?? '').toBe(place);
  });

  test('all jobs that it would not take are told at once', async () => {
    const both = await rejected(file('redis: { persistent: true }'), (spec) =>
      eachTask(spec, (task) => (task.Resources.MemoryMB = 1)),
    );
    expect(both.map(({ title }) => title)).toEqual([
      'Nomad in aws rejected the job "web-redis"',
      'Nomad in aws rejected the job "web"',
    ]);
  });

  function eachTask(spec: NomadJob, change: (task: NomadJob['TaskGroups'][number]['Tasks'][number]) => void) {
    for (const task of group(spec).Tasks) change(task);
  }
  type Check = NonNullable<NomadJob['TaskGroups'][number]['Services']>[number]['Checks'][number];
  function eachCheck(spec: NomadJob, change: (check: Check) => void) {
    for (const service of group(spec).Services ?? []) for (const check of service.Checks) change(check);
  }
  function eachUpdate(spec: NomadJob, change: (update: NonNullable<NomadJob['Update']>) => void) {
    if (spec.Update !== undefined) change(spec.Update);
  }
});
