import type { Consul } from '../cluster/consul.ts';
import type { Allocation, TaskEvent, TaskState } from '../cluster/nomad/allocation.ts';
import type { Nomad } from '../cluster/nomad.ts';
import type { InstanceFinding } from './finding.ts';
import { lastLines } from './last-lines.ts';

interface FindOptions {
  signal?: AbortSignal | undefined;
  /** What its checks said while it was still registered; left out: Consul is asked now. */
  checks?: string[] | undefined;
  /** The instance made a rollout fail: it may run again just now, and yet the end of its last run is what is wrong. */
  rolledOut?: boolean | undefined;
}

/**
 * What is wrong with an instance, judged by the events of its tasks, its checks and its deployment; null when nothing is.
 * The node is asked for the last lines of its log; a node that does not answer costs only those.
 */
export async function findInstance(
  cloud: { name: string; nomad: Nomad; consul: Consul },
  allocation: Allocation,
  options: FindOptions = {},
): Promise<InstanceFinding | null> {
  const about = {
    job: allocation.JobID,
    cloud: cloud.name,
    instance: allocation.ID,
    node: allocation.NodeName,
  };
  const tasks = Object.entries(allocation.TaskStates ?? {});
  const log = (task: string) => lastLines(cloud.nomad, allocation.ID, task, options);
  const isSick = options.rolledOut === true && allocation.DeploymentStatus?.Healthy !== true;
  for (const [task, state] of tasks.toSorted(failedFirst)) {
    const found = judgeTask(task, state, { whileItRuns: isSick && state.Restarts > 0 });
    if (found !== null) return { ...about, log: await log(task), ...found };
  }
  if (allocation.ClientStatus !== 'running' && allocation.DeploymentStatus?.Healthy !== false) return null;
  const checks = options.checks ?? (await failingChecks(cloud.consul, allocation, options));
  if (checks.length === 0 && allocation.DeploymentStatus?.Healthy !== false) return null;
  const main = tasks.map(([name]) => name).find((name) => name === allocation.TaskGroup) ?? tasks[0]?.[0];
  return {
    ...about,
    kind: 'unhealthy',
    checks,
    description: lastMessage(tasks, 'Alloc Unhealthy'),
    log: main === undefined ? [] : await log(main),
  };
}

type TaskFinding =
  | { kind: 'driver'; task: string; message: string }
  | { kind: 'exited'; task: string; exitCode: number; signal: number; restarts: number }
  | { kind: 'oom'; task: string }
  | { kind: 'template'; task: string; message: string };

/** Events in which a task could not be started at all. */
const neverStarted = new Set([
  'Driver Failure',
  'Driver',
  'Failed Validation',
  'Setup Failure',
  'Failed Artifact Download',
]);

/**
 * The last event that says how it is decides; a task that was stopped on purpose is fine, and one that runs, unless the end
 * of its last run is asked for.
 */
function judgeTask(
  task: string,
  state: TaskState,
  { whileItRuns }: { whileItRuns: boolean },
): TaskFinding | null {
  for (const event of (state.Events ?? []).toReversed()) {
    const details = event.Details ?? {};
    if (neverStarted.has(event.Type)) return { kind: 'driver', task, message: driverMessage(event) };
    if (
      event.Type === 'Template' &&
      /^Missing|error/i.test(event.DisplayMessage) &&
      state.State === 'pending'
    ) {
      return { kind: 'template', task, message: event.DisplayMessage };
    }
    if (event.Type === 'Killing' && /^Template failed/.test(event.DisplayMessage)) {
      return { kind: 'template', task, message: event.DisplayMessage };
    }
    if (event.Type === 'Started' && whileItRuns) continue;
    if (event.Type === 'Killing' || event.Type === 'Started' || event.Type === 'Killed') return null;
    if (event.Type === 'Terminated') {
      if (details.oom_killed === 'true') return { kind: 'oom', task };
      const exitCode = Number(details.exit_code ?? 0);
      const signal = Number(details.signal ?? 0);
      if (exitCode === 0 && signal === 0 && !state.Failed) return null;
      return { kind: 'exited', task, exitCode, signal, restarts: state.Restarts };
    }
  }
  return null;
}

/** Without the layers that the call went through. */
function driverMessage(event: TaskEvent): string {
  const { driver_error, validation_error, setup_error } = event.Details ?? {};
  const message = driver_error ?? validation_error ?? setup_error ?? event.DisplayMessage;
  return message.replace(/^.*rpc error: code = \w+ desc = /, '').trim();
}

function failedFirst(a: [string, TaskState], b: [string, TaskState]): number {
  return Number(b[1].Failed) - Number(a[1].Failed);
}

function lastMessage(tasks: [string, TaskState][], type: string): string {
  const events = tasks.flatMap(([, state]) => state.Events ?? []);
  return events.findLast((event) => event.Type === type)?.DisplayMessage ?? '';
}

/** `auth ready: HTTP GET http://…: 503 …` of the instance's checks that do not pass. */
async function failingChecks(
  consul: Consul,
  allocation: Allocation,
  options: FindOptions,
): Promise<string[]> {
  const entries = await consul.health(allocation.JobID, { signal: options.signal });
  return entries
    .filter(({ Service }) => Service.ID.includes(allocation.ID))
    .flatMap((entry) => entry.Checks)
    .filter(({ ServiceID, Status }) => ServiceID !== '' && Status !== 'passing')
    .map(({ Name, Output }) => `${Name}: ${Output.trim() || 'it has not answered yet'}`);
}
