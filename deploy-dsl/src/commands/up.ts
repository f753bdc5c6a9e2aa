import { setTimeout as sleep } from 'node:timers/promises';
import { showDiagnostics } from '../cli/show.ts';
import { readStatus, type Status } from '../inspect/status.ts';
import { statusTable } from '../inspect/status-view.ts';
import { type ExitCode, exitCodes, TandemError } from '../language/diagnostic.ts';
import { notHealthy, programStandsIn, stackBusy } from '../language/errors/local.ts';
import { runningAgents, stopAgent } from '../local/agent-process.ts';
import { type AgentName, agentNames } from '../local/agents.ts';
import { bringUp } from '../local/bring-up.ts';
import { tryLock } from '../local/lock.ts';
import { portOffsetOf, requireLinux } from '../local/platform.ts';
import { portsAt } from '../local/ports.ts';
import { isReady } from '../local/readiness.ts';
import { resumeJobs } from '../local/resume.ts';
import { readStack, type Stack } from '../local/stack.ts';
import { stateOf } from '../local/state.ts';
import { takeDown } from '../local/take-down.ts';
import { ensureToolchain, type Toolchain } from '../local/toolchain/install.ts';
import { toolsFor } from '../local/toolchain/tools-for.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Progress, Step } from '../terminal/terminal.ts';
import type { Command, Context, Invocation } from './command.ts';
import { deployFile } from './deploy-file.ts';
import { openEnvironment, openFile, openTarget } from './environment.ts';
import { fileOption } from './options.ts';

/** RabbitMQ takes twelve seconds, everything else less. */
const healthySeconds = 120;

type Row = Status['rows'][number];

/** `tandem up` */
export const up: Command = {
  args: [],
  options: [
    {
      flags: '--port-offset <n>',
      description:
        'shift every port, for a second stack on this machine (default: $TANDEM_PORT_OFFSET, else 0)',
    },
    fileOption,
  ],
  examples: [
    { line: 'tandem up', what: 'get the toolchain, start Consul and Nomad, deploy services.yml' },
    { line: 'tandem up --port-offset 1000', what: 'the same beside another stack: the app on 9080' },
  ],
  description:
    'Gets what is missing of the toolchain (the first time: minutes where it has to be built), starts Consul and Nomad ' +
    'on loopback, deploys the environment "local" of services.yml, and waits until everything is healthy. State is in ' +
    '.tandem/, the toolchain in the cache folder of the user. Interrupted, it stops what it had started; downloads and ' +
    'builds go on from there the next time.',
  async run(context, { options }) {
    requireLinux();
    const local = { ...options, env: 'local' };
    const { file, loaded } = await openFile(context, local);
    const portOffset = portOffsetOf(
      typeof options.portOffset === 'string' ? options.portOffset : undefined,
      context.env,
      await readStack(context.root),
    );
    const lock = await tryLock(stateOf(context.root).lock);
    if ('heldBy' in lock) throw new TandemError([stackBusy(lock.heldBy)]);
    const progress = createProgress(context.terminal);
    try {
      const there = await alreadyUp(context, local, portOffset);
      if (there !== null) {
        showStack(context, there.stack, there.status);
        return exitCodes.fine;
      }
      const { root, env, signal } = context;
      const wanted = await toolsFor(root, file, loaded.model);
      const toolchain = await ensureToolchain({ root, env, progress, signal }, wanted);
      const edgePort = loaded.model.edge.port;
      const running = await bringUp({ root, env, file, edgePort, portOffset, toolchain, progress, signal });
      const exitCode = await deployAndWait(context, local, running, progress);
      await warnOfStandIns(context, toolchain);
      return exitCode;
    } finally {
      progress.close();
      await lock.release();
    }
  },
};

async function alreadyUp(
  context: Context,
  options: Invocation['options'],
  portOffset: number,
): Promise<{ stack: Stack; status: Status } | null> {
  const stack = await readStack(context.root);
  if (stack === null || stack.portOffset !== portOffset) return null;
  const running = await runningAgents(stateOf(context.root));
  if (running.size < agentNames.length) return null;
  const ready = await Promise.all(agentNames.map((name) => isReady(name, portsAt(portOffset))));
  if (ready.includes(false)) return null;
  const { loaded, target } = await openTarget(context, options);
  const status = await readStatus(loaded.model, target, { signal: context.signal });
  return status.healthy ? { stack, status } : null;
}

async function deployAndWait(
  context: Context,
  options: Invocation['options'],
  { stack, started }: { stack: Stack; started: AgentName[] },
  progress: Progress,
): Promise<ExitCode> {
  try {
    await resumeJobs(stateOf(context.root), stack, progress, context.signal);
    const environment = await openEnvironment(context, options);
    const read = () => readStatus(environment.loaded.model, environment.target, { signal: context.signal });
    await untilHealthy(context, read, progress, isStartingBroker);
    await deployFile(context, environment, { progress });
    const status = await untilHealthy(context, read, progress, isOurs);
    progress.close();
    showStack(context, stack, status);
    const left = ailing(status.rows.filter(isOurs));
    if (left.length > 0) throw new TandemError([notHealthy(left, healthySeconds)]);
    return exitCodes.fine;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    await undo(context.root, started, progress);
    throw context.signal.reason;
  }
}

/** Waits for the jobs that matter; gives up after a while, which the status it returns shows. */
async function untilHealthy(
  { signal }: Context,
  read: () => Promise<Status>,
  progress: Progress,
  matters: (row: Row) => boolean,
): Promise<Status> {
  const deadline = performance.now() + healthySeconds * 1_000;
  let step: Step | null = null;
  for (;;) {
    signal.throwIfAborted();
    const status = await read();
    const rows = status.rows.filter(matters);
    const waiting = ailing(rows);
    if (waiting.length === 0 || performance.now() > deadline) {
      if (waiting.length > 0) step?.fail();
      else step?.done(`${rows.length} jobs healthy`);
      return status;
    }
    step ??= progress.step('health');
    step.update(`waiting for ${waiting.join(', ')}`, 1 - waiting.length / rows.length);
    await sleep(250, undefined, { signal });
  }
}

function ailing(rows: Row[]): string[] {
  return rows.filter(({ clouds }) => clouds.some((cloud) => !serves(cloud))).map(({ job }) => job);
}

/** What runs as it did before need not prove itself for as long as a new version, which Nomad still waits for. */
function serves({ state, ready, wanted }: Row['clouds'][number]): boolean {
  return state === 'healthy' || (state === 'rolling out' && ready >= wanted);
}

/** A job that the file does not name any more may be as it likes. */
function isOurs({ kind }: Row): boolean {
  return kind !== 'unknown';
}

/** A broker that starts is asked by the plan what it holds, and does not answer yet. */
function isStartingBroker({ job, clouds }: Row): boolean {
  return job === 'rabbitmq' && clouds.some(({ state }) => state !== 'missing' && state !== 'stopped');
}

/** Last, where it is not lost above the table. */
async function warnOfStandIns({ terminal, cwd }: Context, toolchain: Toolchain): Promise<void> {
  const warnings = [...toolchain].flatMap(([name, { version, standsIn }]) => {
    if (standsIn === undefined) return [];
    return [programStandsIn(name, version, standsIn.forVersion, standsIn.costs, standsIn.why)];
  });
  if (warnings.length === 0) return;
  terminal.printError();
  await showDiagnostics(warnings, terminal, cwd);
}

/** A stack that this `up` began is taken down as a whole; of one that it only repaired, its own part is. */
async function undo(root: string, started: AgentName[], progress: Progress): Promise<void> {
  if (started.length === agentNames.length) {
    await takeDown(root, progress);
    return;
  }
  for (const name of started.toReversed()) await stopAgent(stateOf(root), name);
}

function showStack({ terminal }: Context, stack: Stack, status: Status): void {
  terminal.print(statusTable(terminal, status, Date.now()));
  terminal.print();
  const addresses = [
    ['app', stack.edge],
    ['Nomad', `${stack.nomad}/ui`],
    ['Consul', `${stack.consul}/ui`],
  ];
  for (const [name = '', address = ''] of addresses) {
    terminal.print(`${terminal.style('dim', name.padEnd(6))}  ${terminal.style('bold', address)}`);
  }
}
