import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { Nomad } from '../../src/cluster/nomad.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { runningAgents } from '../../src/local/agent-process.ts';
import { type AgentName, agentNames } from '../../src/local/agents.ts';
import { bringUp, type Running } from '../../src/local/bring-up.ts';
import { listenersOn } from '../../src/local/listeners.ts';
import { ownedProcesses } from '../../src/local/owned.ts';
import { type Ports, portsAt } from '../../src/local/ports.ts';
import { isRunning, statusOf } from '../../src/local/processes.ts';
import { isReady } from '../../src/local/readiness.ts';
import { resumeJobs } from '../../src/local/resume.ts';
import { readStack } from '../../src/local/stack.ts';
import { stateOf } from '../../src/local/state.ts';
import { purge, takeDown } from '../../src/local/take-down.ts';
import { ensureToolchain, type Toolchain } from '../../src/local/toolchain/install.ts';
import type { Progress } from '../../src/terminal/terminal.ts';
import { idle, scriptJob } from '../support/jobs.ts';
import { until } from '../support/until.ts';

const quiet: Progress = {
  step: () => ({ update: () => {}, wait: () => {}, done: () => {}, fail: () => {}, skip: () => {} }),
  close: () => {},
};
const never = new AbortController().signal;
const patient = { timeout: 90_000 };
const roots: string[] = [];
let toolchain: Toolchain;

beforeAll(async () => {
  const root = join(import.meta.dirname, '../../..');
  toolchain = await ensureToolchain({ root, env: process.env, progress: quiet, signal: never });
});

afterEach(async () => {
  for (const root of roots.splice(0)) {
    await takeDown(root, quiet);
    await purge(root);
    await rm(root, { recursive: true, force: true });
  }
});

/** A project of its own, and an offset at which nobody listens now. */
async function project(): Promise<{ root: string; offset: number; ports: Ports }> {
  const root = await mkdtemp(join(tmpdir(), 'tandem-stack-'));
  roots.push(root);
  const offset = await until('an offset whose ports are free', async () => {
    const candidate = 7_000 + 1_000 * Math.floor(Math.random() * 7);
    return (await listenersOn(Object.values(portsAt(candidate)))).length === 0 ? candidate : null;
  });
  return { root, offset, ports: portsAt(offset) };
}

function start(root: string, portOffset: number, signal: AbortSignal = never): Promise<Running> {
  const file = join(root, 'services.yml');
  return bringUp({
    root,
    env: process.env,
    file,
    edgePort: 8080,
    portOffset,
    toolchain,
    progress: quiet,
    signal,
  });
}

async function pidOf(root: string, name: AgentName): Promise<number> {
  return (await runningAgents(stateOf(root))).get(name)?.pid ?? 0;
}

/** Runs a task that would go on for ever. @returns its process */
async function runTask(ports: Ports): Promise<number> {
  const nomad = new Nomad({ address: `http://127.0.0.1:${ports.nomad}`, region: 'local', local: true });
  await nomad.jobs.register(scriptJob('sleeper', `console.log(process.pid); ${idle}`));
  return until('the task has said its number', async () => {
    const [allocation] = await nomad.jobs.allocations('sleeper');
    const log = allocation && (await nomad.allocations.cat(allocation.ID, 'alloc/logs/sleeper.stdout.0'));
    return Number.parseInt(log ?? '', 10) || null;
  });
}

async function errorOf(work: Promise<unknown>): Promise<TandemError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TandemError) return error;
  throw new Error(`expected a TandemError, not ${String(error)}`);
}

test('from nothing to ready, a second time nothing to do, and down without a trace', patient, async () => {
  const { root, offset, ports } = await project();
  const first = await start(root, offset);
  expect(first.started.toSorted()).toEqual(agentNames.toSorted());
  expect(await Promise.all(agentNames.map((name) => isReady(name, ports)))).toEqual([true, true, true]);
  expect(await readStack(root)).toMatchObject({
    edge: `http://127.0.0.1:${8080 + offset}`,
    portOffset: offset,
  });
  expect((await start(root, offset)).started).toEqual([]);

  const task = await runTask(ports);
  const down = await takeDown(root, quiet);
  expect(down).toMatchObject({ jobs: ['sleeper'], agents: 3, leftovers: [] });
  expect(await statusOf(task)).toBeNull();
  expect(await ownedProcesses(stateOf(root))).toEqual([]);
  expect(await readStack(root)).toBeNull();
  expect(await takeDown(root, quiet)).toEqual({ jobs: [], agents: 0, leftovers: [] });

  expect((await start(root, offset)).started, 'and up again on its data').toHaveLength(3);
  await takeDown(root, quiet);
  await purge(root);
  expect(await readdir(root)).toEqual([]);
});

test(
  'what was stopped is started again as it was, but not where the stack has moved to other ports',
  patient,
  async () => {
    const { root, offset, ports } = await project();
    await start(root, offset);
    await runTask(ports);
    const stateOfJob = async (stack: Running['stack']) => {
      const nomad = new Nomad({ address: stack.nomad, region: 'local', local: true });
      await resumeJobs(stateOf(root), stack, quiet, never);
      return (await nomad.jobs.get('sleeper'))?.Stop;
    };
    await takeDown(root, quiet);
    expect(await stateOfJob((await start(root, offset)).stack)).toBe(false);
    await takeDown(root, quiet);
    const elsewhere = await project();
    expect(await stateOfJob((await start(root, elsewhere.offset)).stack)).toBe(true);
  },
);

test("a killed Nomad client is started again; its tasks live on and are Nomad's again", patient, async () => {
  const { root, offset, ports } = await project();
  await start(root, offset);
  const task = await runTask(ports);
  process.kill(await pidOf(root, 'nomad-client'), 'SIGKILL');
  await until('the client is gone', async () => (await pidOf(root, 'nomad-client')) === 0);

  expect((await start(root, offset)).started).toEqual(['nomad-client']);
  expect(await statusOf(task), 'the task was not restarted').not.toBeNull();
  expect(await takeDown(root, quiet)).toMatchObject({ jobs: ['sleeper'], leftovers: [] });
  expect(await statusOf(task)).toBeNull();
});

test('down stops the tasks although every agent was killed', patient, async () => {
  const { root, offset, ports } = await project();
  await start(root, offset);
  const task = await runTask(ports);
  for (const name of agentNames) process.kill(await pidOf(root, name), 'SIGKILL');
  await until('the agents are gone', async () => (await runningAgents(stateOf(root))).size === 0);
  expect(await statusOf(task)).not.toBeNull();

  const down = await takeDown(root, quiet);
  expect(down).toMatchObject({ jobs: [], agents: 0 });
  expect(down.leftovers.join('\n')).toContain('executor');
  expect(await statusOf(task)).toBeNull();
});

test('down stops a Nomad that hangs, and its tasks', patient, async () => {
  const { root, offset, ports } = await project();
  await start(root, offset);
  const task = await runTask(ports);
  const server = (await runningAgents(stateOf(root))).get('nomad-server');
  process.kill(server?.pid ?? 0, 'SIGSTOP');
  await takeDown(root, quiet);
  expect(server && (await isRunning(server))).toBe(false);
  expect(await statusOf(task)).toBeNull();
});

test('a taken port is named with its owner, and nothing is started', patient, async () => {
  const { root, offset, ports } = await project();
  const holder = createServer().listen(ports.nomadRpc, '127.0.0.1');
  await once(holder, 'listening');
  const error = await errorOf(start(root, offset));
  holder.close();
  expect(error.diagnostics).toMatchObject([
    {
      code: 'TDM-430',
      title: `port ${ports.nomadRpc} is taken`,
      help: [expect.stringContaining('--port-offset'), expect.any(String)],
    },
  ]);
  expect(error.diagnostics[0]?.evidence.join()).toContain(`process ${process.pid}`);
  expect(await ownedProcesses(stateOf(root))).toEqual([]);
});

test('an interruption while the agents start leaves none of them', patient, async () => {
  const { root, offset } = await project();
  const abort = new AbortController();
  const running = start(root, offset, abort.signal);
  await until('the first agent runs', async () => (await ownedProcesses(stateOf(root))).length > 0);
  abort.abort(new Error('interrupted'));
  await expect(running).rejects.toThrow('interrupted');
  expect(await ownedProcesses(stateOf(root))).toEqual([]);
});

test('what a former boot left behind is not taken for running', patient, async () => {
  const { root, offset } = await project();
  // The numbers are in use, by processes that are none of ours.
  const stranger = spawn('sleep', ['60']);
  const { run } = stateOf(root);
  await mkdir(run, { recursive: true });
  for (const name of agentNames) {
    await writeFile(
      join(run, `${name}.pid`),
      JSON.stringify({ pid: stranger.pid, started: 1, boot: 'former' }),
    );
  }
  expect((await runningAgents(stateOf(root))).size).toBe(0);
  expect((await start(root, offset)).started).toHaveLength(3);
  await takeDown(root, quiet);
  expect(stranger.exitCode, 'the stranger lives').toBeNull();
  stranger.kill();
});

test('an agent that cannot start is shown with its last words', patient, async () => {
  const { root, offset } = await project();
  const state = stateOf(root);
  await mkdir(state.data, { recursive: true });
  await writeFile(join(state.data, 'consul'), 'in the way');
  const error = await errorOf(start(root, offset));
  expect(error.diagnostics).toMatchObject([{ code: 'TDM-434', title: 'consul ended while it started' }]);
  expect(error.diagnostics[0]?.evidence.join('\n')).toMatch(/data_dir|not a directory/i);
  expect(await ownedProcesses(state), 'the Nomad server started beside it is stopped').toEqual([]);
});

test('two stacks run beside each other; down ends one of them', patient, async () => {
  const one = await project();
  await start(one.root, one.offset);
  const two = await project();
  await start(two.root, two.offset);
  await takeDown(one.root, quiet);
  expect(await Promise.all(agentNames.map((name) => isReady(name, two.ports)))).toEqual([true, true, true]);
  const log = await readFile(join(stateOf(two.root).logs, 'consul.log'), 'utf8');
  expect(log).toContain('Consul agent running');
});

test('a running stack is not moved to other ports', patient, async () => {
  const { root, offset } = await project();
  await start(root, offset);
  const error = await errorOf(start(root, offset + 1_000));
  expect(error.diagnostics).toMatchObject([{ code: 'TDM-431' }]);
});
