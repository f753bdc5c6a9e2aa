import { mkdir } from 'node:fs/promises';
import { TandemError } from '../language/diagnostic.ts';
import { agentDidNotStart, anotherOffset, portsTaken } from '../language/errors/local.ts';
import type { Progress } from '../terminal/terminal.ts';
import { lastWords, runningAgents, startAgent, stopAgent } from './agent-process.ts';
import { type Agent, type AgentName, agentNames, agentsOf, logOf } from './agents.ts';
import { listenersOn } from './listeners.ts';
import { ownedProcesses } from './owned.ts';
import { type Ports, portsAt } from './ports.ts';
import { isRunning } from './processes.ts';
import { untilReady } from './readiness.ts';
import { readStack, type Stack, writeStack } from './stack.ts';
import { type State, stateOf } from './state.ts';
import type { Toolchain } from './toolchain/install.ts';

export interface BringUp {
  root: string;
  env: NodeJS.ProcessEnv;
  /** Absolute path of the YAML file. */
  file: string;
  /** The edge's port as the file has it; the offset comes on top. */
  edgePort: number;
  portOffset: number;
  toolchain: Toolchain;
  progress: Progress;
  signal: AbortSignal;
}

/** The agents run. */
export interface Running {
  stack: Stack;
  /** Those that this call started, in start order. */
  started: AgentName[];
}

/**
 * Starts the agents that do not run yet, and waits until they do their work. Where that fails or is interrupted, those
 * it started are stopped again.
 *
 * @throws TandemError: ports are taken; an agent did not start; the stack runs on other ports
 */
export async function bringUp(work: BringUp): Promise<Running> {
  const state = stateOf(work.root);
  const running = await runningAgents(state);
  const former = await readStack(work.root);
  if (running.size > 0 && former !== null && former.portOffset !== work.portOffset) {
    throw new TandemError([anotherOffset(former.portOffset, work.portOffset)]);
  }
  const ports = portsAt(work.portOffset);
  const agents = agentsOf(work.root, state, ports);
  const missing = agentNames.filter((name) => !running.has(name));
  await refuseTakenPorts(
    state,
    [...missing.flatMap((name) => agents[name].ports), ...platformPorts(ports, work.edgePort)],
    work.portOffset,
  );

  const stack = stackAt(ports, work);
  await mkdir(state.jobs, { recursive: true });
  await mkdir(state.builds, { recursive: true });
  await writeStack(work.root, stack);

  const started: AgentName[] = [];
  const bring = (name: AgentName) =>
    bringAgent(agents[name], missing.includes(name), state, ports, work, started);
  try {
    const first = await Promise.allSettled([bring('consul'), bring('nomad-server')]);
    for (const result of first) if (result.status === 'rejected') throw result.reason;
    await bring('nomad-client');
  } catch (error) {
    // In the middle of its start an agent does not listen to SIGTERM; its data survives SIGKILL.
    await Promise.all(started.map((name) => stopAgent(state, name, 1_000)));
    work.signal.throwIfAborted();
    throw error;
  }
  return { stack, started };
}

async function bringAgent(
  agent: Agent,
  missing: boolean,
  state: State,
  ports: Ports,
  { toolchain, env, progress, signal }: BringUp,
  started: AgentName[],
): Promise<void> {
  signal.throwIfAborted();
  const step = missing ? progress.step(titles[agent.name]) : null;
  try {
    step?.update('starting');
    const identity = missing
      ? await startAgent(agent, state, toolchain, env)
      : (await runningAgents(state)).get(agent.name);
    if (missing) started.push(agent.name);
    const alive = async () => identity !== undefined && (await isRunning(identity));
    const problem = await untilReady(agent.name, ports, signal, alive);
    if (problem !== null) {
      const ended = !(await alive());
      const words = await lastWords(state, agent.name);
      throw new TandemError([agentDidNotStart(agent.name, ended, problem, words, logOf(state, agent.name))]);
    }
    step?.done(`127.0.0.1:${agent.ports[0]}`);
  } catch (error) {
    step?.fail(signal.aborted ? 'interrupted' : undefined);
    throw error;
  }
}

const titles: Record<AgentName, string> = {
  consul: 'Consul',
  'nomad-server': 'Nomad server',
  'nomad-client': 'Nomad client',
};

/** Ports that jobs are given by number. Not epmd's: an Erlang of the machine's own may run it, and ours joins in. */
export function platformPorts(ports: Ports, edgePort: number): number[] {
  const edge = edgePort + ports.edge - portsAt(0).edge;
  return [edge, ports.rabbitmq, ports.rabbitmqManagement, ports.rabbitmqDistribution];
}

/** Tasks of ours that outlived their agents hold ports rightly: Nomad takes them over again. */
async function refuseTakenPorts(state: State, ports: number[], offset: number): Promise<void> {
  const listeners = await listenersOn(ports);
  if (listeners.length === 0) return;
  const ours = new Set((await ownedProcesses(state)).map(({ pid }) => pid));
  const others = listeners.filter(({ pid }) => pid === null || !ours.has(pid));
  if (others.length > 0) throw new TandemError([portsTaken(others, offset)]);
}

function stackAt(ports: Ports, { edgePort, portOffset, file }: BringUp): Stack {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  return {
    edge: url(edgePort + portOffset),
    nomad: url(ports.nomad),
    consul: url(ports.consul),
    rabbitmq: {
      amqp: `amqp://127.0.0.1:${ports.rabbitmq}`,
      management: url(ports.rabbitmqManagement),
      // RabbitMQ's own account, which it admits from this machine only.
      user: 'guest',
      password: 'guest',
    },
    portOffset,
    file,
  };
}
