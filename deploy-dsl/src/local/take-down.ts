import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobStub } from '../cluster/nomad/job.ts';
import { Nomad } from '../cluster/nomad.ts';
import { TandemError } from '../language/diagnostic.ts';
import { notAllowedToStop } from '../language/errors/local.ts';
import type { Progress } from '../terminal/terminal.ts';
import { runningAgents, stopAgent } from './agent-process.ts';
import { agentNames } from './agents.ts';
import { hasCode } from './files.ts';
import { ownedProcesses } from './owned.ts';
import { portsAt } from './ports.ts';
import { commandOf, endProcesses } from './processes.ts';
import { isReady } from './readiness.ts';
import { noteStopped } from './resume.ts';
import { readStack, removeStack, type Stack } from './stack.ts';
import { type State, stateOf } from './state.ts';
import { unmountBelow } from './unmount.ts';

/** What was there to stop. */
export interface TakenDown {
  jobs: string[];
  agents: number;
  /** Processes that were left over, by command: their supervisor was gone, or they did not end in time. */
  leftovers: string[];
}

/** An instance that takes longer to end is ended with the agents. */
const drainMs = 30_000;

/**
 * Stops everything of the stack: jobs in reverse order while Nomad works, the agents, and whatever is left of either.
 * Does as much when Nomad hangs or is gone. A second time there is nothing to do.
 *
 * @throws TandemError when processes belong to another user
 */
export async function takeDown(root: string, progress: Progress): Promise<TakenDown> {
  const state = stateOf(root);
  try {
    const running = await runningAgents(state);
    const stack = await readStack(root);
    const jobs = stack !== null && running.size === agentNames.length ? await stopJobs(stack, progress) : [];
    await noteStopped(state, stack?.portOffset ?? 0, jobs);
    if (running.size > 0) {
      const step = progress.step('agents');
      for (const name of agentNames.toReversed()) {
        if (running.has(name)) step.update(`stopping ${name}`);
        await stopAgent(state, name);
      }
      step.done('stopped');
    }
    const leftovers = await stopLeftovers(state, progress);
    await rm(state.run, { recursive: true, force: true });
    await removeStack(root);
    return { jobs, agents: running.size, leftovers };
  } catch (error) {
    if (hasCode(error, 'EPERM')) throw new TandemError([notAllowedToStop()]);
    throw error;
  }
}

/** Removes everything the stack has written: data, logs, builds. The toolchain's cache is not part of it. */
export async function purge(root: string): Promise<void> {
  const { folder } = stateOf(root);
  await unmountBelow(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function stopJobs(stack: Stack, progress: Progress): Promise<string[]> {
  const ports = portsAt(stack.portOffset);
  if (!(await isReady('nomad-server', ports)) || !(await isReady('nomad-client', ports))) return [];
  const nomad = new Nomad({ address: stack.nomad, region: 'local', local: true });
  const step = progress.step('services');
  try {
    const jobs = (await nomad.jobs.list()).filter(({ Stop, Status }) => !Stop && Status !== 'dead');
    const stopped: string[] = [];
    for (const tier of tiers(jobs)) {
      if (tier.length === 0) continue;
      step.update(`stopping ${tier.join(', ')}`);
      await Promise.all(tier.map((id) => nomad.jobs.deregister(id)));
      await untilEnded(nomad, tier);
      stopped.push(...tier);
    }
    step.done(stopped.length === 0 ? 'none' : `${stopped.length} jobs stopped`);
    return stopped;
  } catch (error) {
    // Nomad hangs or goes away under our hands: what runs is then stopped without it.
    step.fail(error instanceof Error ? error.message : undefined);
    return [];
  }
}

/** No new requests, then who serves them, then what those depend on. */
function tiers(jobs: readonly JobStub[]): string[][] {
  const ids = jobs.map(({ ID }) => ID);
  const isStore = (id: string) => id === 'rabbitmq' || id.endsWith('-redis');
  return [
    ids.filter((id) => id === 'edge'),
    ids.filter((id) => id !== 'edge' && !isStore(id)),
    ids.filter(isStore),
  ];
}

async function untilEnded(nomad: Nomad, jobs: string[]): Promise<void> {
  const deadline = performance.now() + drainMs;
  while (performance.now() < deadline) {
    const lists = await Promise.all(jobs.map((id) => nomad.jobs.allocations(id, { all: true })));
    const ended = lists
      .flat()
      .every(({ ClientStatus }) => ClientStatus !== 'running' && ClientStatus !== 'pending');
    if (ended) return;
    await sleep(100);
  }
}

async function stopLeftovers(state: State, progress: Progress): Promise<string[]> {
  const left = await ownedProcesses(state);
  if (left.length === 0) return [];
  const commands = await Promise.all(left.map(({ pid }) => commandOf(pid)));
  const step = progress.step('left over');
  step.update(`${left.length} processes`);
  // Supervisors first: they would start anew what ends under them.
  const supervisors = left.filter((_, i) => / (executor|logmon|docker_logger)\b/.test(commands[i] ?? ''));
  const others = left.filter((process) => !supervisors.includes(process));
  await endProcesses(supervisors, 0);
  await endProcesses(others, 5_000);
  // A task may have had a child in the making.
  await endProcesses(await ownedProcesses(state), 0);
  step.done(`${left.length} processes stopped`);
  return commands.filter((command) => command !== null);
}
