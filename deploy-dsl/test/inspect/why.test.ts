import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NomadJob } from '../../src/cluster/nomad-job.ts';
import type { Target } from '../../src/cluster/target.ts';
import { isWell, type Why, whyIn } from '../../src/inspect/why.ts';
import { whyLines } from '../../src/inspect/why-view.ts';
import { loadSource } from '../../src/language/load.ts';
import { type EdgeStack, startEdgeStack } from '../compile/edge-stack.ts';
import { idle, scriptJob, server } from '../support/jobs.ts';
import { plainTerminal } from '../support/plain-terminal.ts';
import { until } from '../support/until.ts';

/** What `why` sees of real jobs, a real Consul and a real nginx, in every state that a service can be in. */

const yaml = `tandem: 1
defaults: { health: { interval: 1s }, update: { healthy: 1s, drain: 1s } }
services:
  echo: { directory: echo, instances: 2, routes: [/echo] }
  sick: { directory: echo, calls: [later] }
  crashy: { directory: echo, command: node y.js }
  big: { directory: echo, memory: 9999999 }
  later: { directory: echo }
`;

let stack: EdgeStack;
let target: Target;
const { signal } = new AbortController();
const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });

beforeAll(async () => {
  stack = await startEdgeStack(resolve(import.meta.dirname, '../compile'));
  const { nomad, consul } = stack;
  target = { environment: 'local', clouds: [{ name: 'local', nomad, consul }], rabbitmq: null };
  await stack.deploy(yaml, ['edge', 'echo']);
}, 90_000);
afterAll(() => stack?.stop(), 60_000);

async function why(job: string): Promise<Why> {
  const [cloud] = target.clouds;
  if (cloud === undefined) throw new Error('there is one cloud');
  return whyIn(cloud, job, { target, model, origins, signal });
}
const shown = (job: string, found: Why, width = 120) =>
  whyLines(plainTerminal({ width }), job, found, Date.now()).join('\n');

const second = 1_000_000_000;
const checked = (id: string, script: string, path: string): NomadJob =>
  scriptJob(id, script, {
    RestartPolicy: { Attempts: 2, Interval: 60 * second, Delay: 0.1 * second, Mode: 'fail' },
    Services: [
      {
        Name: id,
        Provider: 'consul',
        PortLabel: 'http',
        Tags: [],
        Checks: [{ Name: `${id} ready`, Type: 'http', Path: path, Interval: second, Timeout: second }],
      },
    ],
  });

test('a service that was never deployed', async () => {
  const found = await why('later');
  expect(found.state).toBe('missing');
  expect(isWell(found)).toBe(false);
  expect(shown('later', found)).toBe('later in local: it is not deployed: `./tandem deploy` starts it');
});

test('a healthy service: each edge sends requests to just its instances', async () => {
  const found = await until('all is well', async () => {
    const now = await why('echo');
    return isWell(now) && now.job?.ready === 2 && now.edges[0]?.servers?.length === 2 && now;
  });
  const addresses = found.instances.map(({ address }) => address ?? '').sort();
  expect(found.edges).toMatchObject([{ running: true, current: true, missing: [], stale: [] }]);
  expect(found.edges[0]?.servers?.toSorted()).toEqual(addresses);
  expect(found.edges[0]?.serves).toMatch(/^[0-9a-f]{16}$/);
  expect(found.nodes).toMatchObject([{ node: 'node-0', instances: 2, against: [] }]);
  const text = shown('echo', found);
  expect(text).toMatch(/^echo in local: 2 of 2 instances ready\n {2}deployment (running|successful): /);
  expect(text).toMatch(/edge on node-0 sends to 127\.0\.0\.1:\d+, 127\.0\.0\.1:\d+/);
});

test('an edge that no longer follows: what it knows is compared with what is healthy', async () => {
  const renderer = consulTemplateOf(stack.folder);
  process.kill(renderer, 'SIGSTOP');
  const [gone] = await stack.instances('echo');
  await stack.nomad.allocations.stop(gone ?? '');
  const found = await until('another instance is healthy', async () => {
    const now = await why('echo');
    return now.job?.ready === 2 && now.edges[0]?.missing.length === 1 && now;
  });
  expect(isWell(found)).toBe(false);
  expect(found.edges[0]?.stale).toHaveLength(1);
  expect(shown('echo', found)).toMatch(/healthy, and not known to it: 127\.0\.0\.1:\d+/);
  expect(shown('echo', found)).toMatch(/known to it, and not healthy: 127\.0\.0\.1:\d+/);
  process.kill(renderer, 'SIGCONT');
  await until('it has caught up', async () => isWell(await why('echo')));
}, 60_000);

test('a check that fails: its answer, how often it is asked, the last words, and what it waits for', async () => {
  await stack.nomad.jobs.register(
    checked(
      'sick',
      `console.log('opening the database');
require('node:http').createServer((q, s) => { s.statusCode = 503; s.end('the database is away'); })
  .listen(process.env.NOMAD_PORT_http, '127.0.0.1');`,
      '/healthz/ready',
    ),
  );
  const found = await until('its check has been asked', async () => {
    const now = await why('sick');
    return (
      now.instances[0]?.checks[0]?.output.includes('the database is away') && now.problems.length > 0 && now
    );
  });
  expect(found.waitsFor).toEqual(['later, which is not deployed']);
  expect(found.deployment).toMatchObject({ status: 'running', over: false, healthy: 0, wanted: 1 });
  expect(found.problems).toMatchObject([{ code: 'TDM-316', range: { start: { line: 2, column: 21 } } }]);
  const text = shown('sick', found);
  expect(text).toContain('sick in local: 0 of 1 instance ready');
  expect(text).toContain('waits for later, which is not deployed');
  expect(text).toContain('check "sick ready" is critical, asked every 1 s: HTTP GET http://127.0.0.1:');
  expect(text).toContain('│ opening the database');
  expect(text).toMatch(/running: 0 of 1 healthy, the next must be healthy within \d/);
  expect(text).toContain('no routes: it is not reached from outside');
});

test('a process that crashes: every end with its exit code, and its last words', async () => {
  const crash = `console.log('no such table: polls'); setTimeout(() => process.exit(7), 200)`;
  await stack.nomad.jobs.register(checked('crashy', crash, '/'));
  const found = await until('it has ended for good', async () => {
    const now = await why('crashy');
    return now.instances[0]?.state === 'failed' && now;
  });
  expect(found.instances[0]).toMatchObject({
    restarts: 2,
    log: expect.arrayContaining(['no such table: polls']),
  });
  expect(found.instances[0]?.ends.map(({ how }) => how)).toEqual([
    'exit code 7',
    'exit code 7',
    'exit code 7',
  ]);
  expect(found.problems).toMatchObject([{ code: 'TDM-318', range: { start: { line: 6, column: 39 } } }]);
  const text = shown('crashy', found);
  expect(text).toMatch(/[0-9a-f]{8} on node-0: failed, placed (just now|.* ago), 2 restarts/);
  expect(text).toMatch(/crashy ended (just now|\d+ s ago): exit code 7/);
});

test('a process that was killed and runs again is told apart from one that ended by itself', async () => {
  await stack.nomad.jobs.register(checked('later', server, '/'));
  const pid = await until('it serves', async () => {
    const now = await why('later');
    const address = now.instances[0]?.state === 'ready' ? now.instances[0].address : null;
    return address === null ? null : Number(await (await fetch(`http://${address}`)).text());
  });
  process.kill(pid, 'SIGKILL');
  const found = await until('it is ready again', async () => {
    const now = await why('later');
    return now.instances[0]?.state === 'ready' && now.instances[0].restarts === 1 && now;
  });
  expect(shown('later', found)).toMatch(
    /later ended .*: killed \(signal 9\): out of memory .*, or by somebody/,
  );
  expect((await why('sick')).waitsFor).toEqual([]);
});

test('an instance that was restarted or replaced on request says so', async () => {
  const former = (await why('later')).instances[0]?.id ?? '';
  await stack.nomad.allocations.restart(former);
  const restarted = await until('it was started again', async () => {
    const now = await why('later');
    return now.instances[0]?.ends.at(-1)?.how === 'restarted on request' && now;
  });
  expect(restarted.instances[0]?.replaces).toBeNull();
  await stack.nomad.allocations.stop(former);
  const replaced = await until('another one serves', async () => {
    const now = await why('later');
    return now.instances[0]?.state === 'ready' && now.instances[0].id !== former && now;
  });
  expect(shown('later', replaced)).toContain(`replaces ${former.slice(0, 8)}: it was stopped or moved away`);
});

test('an instance that fits nowhere: which node has how much, and how much it needs', async () => {
  const job = scriptJob('big', idle);
  for (const task of job.TaskGroups.flatMap(({ Tasks }) => Tasks)) task.Resources.MemoryMB = 9_999_999;
  await stack.nomad.jobs.register(job);
  const found = await until('the scheduler has given up', async () => {
    const now = await why('big');
    return now.problems.length > 0 && now;
  });
  expect(found.problems).toMatchObject([{ code: 'TDM-311', range: { start: { line: 7, column: 35 } } }]);
  expect(found.nodes[0]?.against).toEqual([expect.stringMatching(/^memory: \d+ MiB free, needs 9999999$/)]);
  const text = shown('big', found);
  expect(text).toContain('0 of 1 instance ready, and no node takes another');
  expect(text).toMatch(/node-0: memory: \d+ MiB free, needs 9999999/);
});

test('the edge itself, and a narrow terminal', async () => {
  const found = await until('the edge is well', async () => {
    const now = await why('edge');
    return isWell(now) && now;
  });
  expect(found.instances).toHaveLength(1);
  const lines = shown('sick', await why('sick'), 50).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
});

test('a stopped service', async () => {
  await stack.nomad.jobs.deregister('sick');
  expect(shown('sick', await why('sick'))).toContain('it was stopped');
});

/** The process that renders the configuration of this stack's edge. */
function consulTemplateOf(folder: string): number {
  const found = readdirSync('/proc').find((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.startsWith('consul-template\0') && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error('consul-template does not run');
  return Number(found);
}
