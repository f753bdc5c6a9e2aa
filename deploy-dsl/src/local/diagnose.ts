import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { formatDuration } from '../terminal/duration.ts';
import { runningAgents } from './agent-process.ts';
import { type AgentName, agentNames, agentsOf } from './agents.ts';
import { platformPorts } from './bring-up.ts';
import { type Listener, listenersOn } from './listeners.ts';
import { ownedProcesses } from './owned.ts';
import { portsAt } from './ports.ts';
import { isReady } from './readiness.ts';
import type { Stack } from './stack.ts';
import { stateOf } from './state.ts';
import { aptCommand, hasApt, notInstalled } from './toolchain/apt.ts';
import { hasCargo } from './toolchain/crate-source.ts';
import { type Found, findTool, type Rejected } from './toolchain/find.ts';
import { type Way, wayTo } from './toolchain/get-compiled.ts';
import { goVersion, leastGo } from './toolchain/go-build.ts';
import type { Bundled, Compiled, Tool } from './toolchain/tools.ts';
import { formatWanted, isWanted, parseVersion } from './toolchain/version.ts';

/** What `./tandem doctor` finds on this machine. */
export interface Diagnosis {
  tools: ToolReport[];
  /** Ports that `up` needs and that someone else holds. */
  takenPorts: Listener[];
  portOffset: number;
  machine: {
    root: boolean;
    /** Bytes. */
    freeDisk: number;
    memory: number;
    freeMemory: number;
  };
  stack: { agents: { name: AgentName; state: 'ready' | 'starting or hung' | 'not running' }[] };
  /** What keeps `up` from working, in words. */
  problems: string[];
}

export interface ToolReport {
  name: string;
  wanted: string;
  found: Found | null;
  /** Where nothing is found: what is taken when it cannot be built. */
  standIn: Found | null;
  /** Looked at and not taken: another version, or it does not run. */
  rejected: Rejected[];
  /** Null when it is there. */
  how: string | null;
  /** What is worse with the one that stands in, where nothing better can be had. */
  costs: string | null;
  /** `up` cannot get it as things are. */
  blocked: boolean;
}

/** Room for a toolchain that is built, with Go's modules and build cache; and for what is running. */
const leastDisk = { toBuild: 6e9, toRun: 1e9 };
/** The agents, RabbitMQ and the services of this repository at rest take about 900 MB. */
const leastMemory = 1.5e9;

/**
 * Looks at everything that `up` depends on; changes nothing.
 *
 * @param tools that `up` would get
 * @param edgePort as services.yml has it, without the offset
 */
export async function diagnose(
  root: string,
  env: NodeJS.ProcessEnv,
  stack: Stack | null,
  portOffset: number,
  edgePort: number,
  tools: readonly Tool[],
  signal: AbortSignal,
): Promise<Diagnosis> {
  const state = stateOf(root);
  const ports = portsAt(portOffset);
  const go = await goVersion(env, signal);
  const reports = await Promise.all(tools.map((tool) => report(tool, env, go, signal)));

  const agents = agentsOf(root, state, ports);
  const needed = [...agentNames.flatMap((name) => agents[name].ports), ...platformPorts(ports, edgePort)];
  const ours = new Set((await ownedProcesses(state)).map(({ pid }) => pid));
  const takenPorts = (await listenersOn(needed)).filter(({ pid }) => pid === null || !ours.has(pid));

  const running = await runningAgents(state);
  const agentStates = await Promise.all(
    agentNames.map(async (name) => {
      if (!running.has(name)) return { name, state: 'not running' as const };
      const ready = await isReady(name, portsAt(stack?.portOffset ?? portOffset));
      return { name, state: ready ? ('ready' as const) : ('starting or hung' as const) };
    }),
  );
  const disk = await statfs(root);
  const machine = {
    root: process.getuid?.() === 0,
    freeDisk: disk.bavail * disk.bsize,
    memory: totalmem(),
    freeMemory: freemem(),
  };
  const problems = problemsOf(reports, takenPorts, portOffset, machine, running.size > 0);
  return { tools: reports, takenPorts, portOffset, machine, stack: { agents: agentStates }, problems };
}

async function report(
  tool: Tool,
  env: NodeJS.ProcessEnv,
  go: string | null,
  signal: AbortSignal,
): Promise<ToolReport> {
  const { found, standIn, rejected } = await findTool(tool, env);
  const { name, source } = tool;
  const about = { name, wanted: formatWanted(tool.wanted), found, standIn, rejected };
  if (found !== null) return { ...about, how: null, costs: null, blocked: false };
  if (source.kind === 'pinned') {
    return { ...about, ...howPinned(source.version, source.buildMinutes, go), costs: null };
  }
  if (source.kind === 'packaged') return { ...about, ...(await howPackaged(source.packages)), costs: null };
  if (source.kind === 'bundled') return { ...about, ...(await howBundled(source, env, signal)), costs: null };
  const way = await wayTo({ ...tool, source }, env, signal);
  if (way.whyNot === null) return { ...about, how: howCompiled(source, way), costs: null, blocked: false };
  const { costs } = source.standIn;
  if (standIn !== null) {
    const how = `${standIn.version} stands in for ${source.version}, because ${way.whyNot}`;
    return { ...about, how, costs, blocked: false };
  }
  return { ...about, ...(await howPackaged(way.packages)), costs };
}

async function howPackaged(packages: string[]): Promise<{ how: string; blocked: boolean }> {
  if (!(await hasApt())) return { how: 'no apt-get here: install it yourself', blocked: true };
  if (process.getuid?.() !== 0) return { how: `needs root: ${aptCommand(packages)}`, blocked: true };
  return { how: `up installs it: apt-get install ${packages.join(' ')}`, blocked: false };
}

function howPinned(version: string, minutes: number, go: string | null): { how: string; blocked: boolean } {
  const parsed = go === null ? null : parseVersion(go);
  const otherwise =
    parsed !== null && isWanted(parsed, { atLeast: leastGo })
      ? `where that is out of reach, builds it with Go ${go} in about ${inWords(minutes)}`
      : `there is no Go ${leastGo} or newer to build it with, should that be out of reach`;
  return { how: `up downloads the release ${version}; ${otherwise}`, blocked: false };
}

async function howBundled(
  { version, packages, buildMinutes }: Bundled,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ how: string; blocked: boolean }> {
  const missing = await notInstalled(packages, env, signal);
  const first = missing.length === 0 ? '' : `, after apt-get install ${missing.join(' ')}`;
  const otherwise = (await hasCargo(env, signal))
    ? `where that is out of reach, builds it from its source in about ${inWords(buildMinutes)}${first}`
    : 'there is no cargo to build it with, should that be out of reach';
  return { how: `up downloads the release ${version}; ${otherwise}`, blocked: false };
}

function howCompiled({ version, buildMinutes }: Compiled, { packages }: Way): string {
  const first = packages.length === 0 ? '' : `, after apt-get install ${packages.join(' ')}`;
  return `up builds ${version} from its source in about ${inWords(buildMinutes)}${first}`;
}

function inWords(minutes: number): string {
  return formatDuration(minutes * 60_000);
}

function problemsOf(
  reports: ToolReport[],
  taken: Listener[],
  offset: number,
  machine: Diagnosis['machine'],
  isUp: boolean,
): string[] {
  const blocked = reports.filter((tool) => tool.blocked).map(({ name, how }) => `${name} is missing; ${how}`);
  const toBuild = reports.some(({ found }) => found === null);
  const disk = toBuild ? leastDisk.toBuild : leastDisk.toRun;
  return [
    ...blocked,
    ...taken.map(({ port, pid, command }) =>
      pid === null
        ? `port ${port} is taken by a process of another user`
        : `port ${port} is taken by process ${pid}: ${command ?? 'of unknown name'}`,
    ),
    ...(taken.length > 0
      ? [`shift all ports with --port-offset ${offset + 1000}, or stop what holds them`]
      : []),
    ...(machine.freeDisk < disk ? [`less than ${disk / 1e9} GB of disk are free`] : []),
    ...(!isUp && machine.freeMemory < leastMemory
      ? [`less than ${leastMemory / 1e9} GB of memory are free`]
      : []),
  ];
}
