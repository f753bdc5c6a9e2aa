import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Agent, type AgentName, agentNames, configurationOf, logOf } from './agents.ts';
import { readIfPresent, writeAtomically } from './files.ts';
import { markVariable } from './owned.ts';
import { endProcesses, type Identity, isRunning, startDetached } from './processes.ts';
import type { State } from './state.ts';
import type { Toolchain } from './toolchain/install.ts';

const identitySchema = Type.Object({ pid: Type.Integer(), started: Type.Number(), boot: Type.String() });

/** The agents of this stack that run now. */
export async function runningAgents(state: State): Promise<Map<AgentName, Identity>> {
  const running = new Map<AgentName, Identity>();
  for (const name of agentNames) {
    const identity = await recorded(state, name);
    if (identity !== null && (await isRunning(identity))) running.set(name, identity);
  }
  return running;
}

/** Starts an agent in the background, and notes who it is. */
export async function startAgent(
  agent: Agent,
  state: State,
  toolchain: Toolchain,
  env: NodeJS.ProcessEnv,
): Promise<Identity> {
  const configuration = configurationOf(state, agent.name);
  await writeAtomically(configuration, `${JSON.stringify(agent.configuration, null, 2)}\n`);
  await mkdir(state.logs, { recursive: true });
  const flag = agent.program === 'consul' ? '-config-file' : '-config';
  const identity = await startDetached({
    command: toolchain.get(agent.program)?.path ?? agent.program,
    args: ['agent', flag, configuration],
    env: agentEnvironment(state, toolchain, env),
    cwd: state.folder,
    log: logOf(state, agent.name),
  });
  await writeAtomically(pidFile(state, agent.name), `${JSON.stringify(identity)}\n`);
  return identity;
}

/** Stops an agent. What Nomad's client runs goes on running. */
export async function stopAgent(state: State, name: AgentName, graceMs = 10_000): Promise<void> {
  const identity = await recorded(state, name);
  if (identity !== null) await endProcesses([identity], graceMs);
  await rm(pidFile(state, name), { force: true });
}

/** The last lines of an agent's log. */
export async function lastWords(state: State, name: AgentName, lines = 12): Promise<string[]> {
  const text = await readFile(logOf(state, name), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines);
}

function pidFile(state: State, name: AgentName): string {
  return join(state.run, `${name}.pid`);
}

async function recorded(state: State, name: AgentName): Promise<Identity | null> {
  const text = await readIfPresent(pidFile(state, name));
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(identitySchema, value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * What agents, and through them all tasks, inherit: enough to find programs, and nothing that an operator's shell
 * happens to hold, such as credentials or AWS_CA_BUNDLE, with which Nomad's client refuses to start.
 */
function agentEnvironment(
  state: State,
  toolchain: Toolchain,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const kept = ['HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'DOCKER_HOST'];
  return {
    ...Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    PATH: searchPath(toolchain, env),
    [markVariable]: state.folder,
  };
}

/**
 * The Node that runs this first: services need one of this version. Then RabbitMQ, whose folder on Debian is behind a
 * wrapper of the same name in /usr/sbin. Then the other tools, those of our cache first, because the folder of another may
 * hold an older one of the same name; then what the user has.
 */
function searchPath(toolchain: Toolchain, env: NodeJS.ProcessEnv): string {
  const folder = (path: string | undefined) => (path === undefined ? [] : [dirname(path)]);
  const rabbitmq = folder(toolchain.get('rabbitmq-server')?.path);
  const tools = [...toolchain.values()];
  const others = ['cache', 'PATH', 'system'].flatMap((origin) =>
    tools.filter(({ from }) => from === origin).map(({ path }) => dirname(path)),
  );
  const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const user = (env.PATH ?? '').split(':').filter((path) => path.startsWith('/'));
  return [...new Set([dirname(process.execPath), ...rabbitmq, ...others, ...user, ...system])].join(':');
}
