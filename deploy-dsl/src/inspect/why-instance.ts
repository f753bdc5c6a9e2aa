import type { ConsulServiceEntry } from '../cluster/consul.ts';
import type { Allocation, TaskEvent } from '../cluster/nomad/allocation.ts';
import type { Nomad } from '../cluster/nomad.ts';
import { lastLines } from './last-lines.ts';

/** One instance and what became of it. */
export interface WhyInstance {
  id: string;
  node: string;
  /** `ready`, `starting`, `unhealthy`, `failed` (it has ended and will not come back) */
  state: 'ready' | 'starting' | 'unhealthy' | 'failed';
  canary: boolean;
  /** Milliseconds since 1970 at which it was placed. */
  since: number;
  /** `10.0.0.5:20113`, as Consul has it; null: not registered. */
  address: string | null;
  restarts: number;
  /** How its processes ended, the last ones, oldest first. */
  ends: { at: number; task: string; how: string }[];
  /** Its last event, while it is not ready. */
  event: string | null;
  checks: { name: string; status: string; output: string }[];
  /** Last lines of its log, where it is not ready or was restarted. */
  log: string[];
}

const endsAtMost = 3;

/** @param entries of its service in Consul */
export async function whyInstance(
  nomad: Nomad,
  allocation: Allocation,
  entries: readonly ConsulServiceEntry[],
  options: { signal: AbortSignal },
): Promise<WhyInstance> {
  const tasks = Object.entries(allocation.TaskStates ?? {});
  const own = entries.filter(({ Service }) => Service.ID.includes(allocation.ID));
  const checks = own.flatMap(({ Checks }) => Checks.filter(({ ServiceID }) => ServiceID !== ''));
  const state = stateOf(allocation, own.length > 0, checks);
  const restarts = tasks.reduce((sum, [, task]) => sum + task.Restarts, 0);
  const events = tasks.flatMap(([task, { Events }]) => (Events ?? []).map((event) => ({ task, event })));
  events.sort((a, b) => a.event.Time - b.event.Time);
  const main = tasks.find(([name]) => name === allocation.TaskGroup)?.[0] ?? tasks[0]?.[0];
  const wantsLog = main !== undefined && (state !== 'ready' || restarts > 0);
  return {
    id: allocation.ID,
    node: allocation.NodeName,
    state,
    canary: allocation.DeploymentStatus?.Canary === true,
    since: allocation.CreateTime / 1e6,
    address: own[0] === undefined ? null : `${own[0].Service.Address}:${own[0].Service.Port}`,
    restarts,
    ends: events
      .filter(({ event }) => event.Type === 'Terminated')
      .slice(-endsAtMost)
      .map(({ task, event }) => ({ at: event.Time / 1e6, task, how: endWords(event) })),
    event: state === 'ready' ? null : eventWords(events.at(-1)?.event ?? null),
    checks: checks.map(({ Name, Status, Output }) => ({ name: Name, status: Status, output: Output.trim() })),
    log: wantsLog ? await lastLines(nomad, allocation.ID, main, { ...options, count: 5 }) : [],
  };
}

function stateOf(
  allocation: Allocation,
  registered: boolean,
  checks: readonly { Status: string }[],
): WhyInstance['state'] {
  if (allocation.ClientStatus === 'pending') return 'starting';
  if (allocation.ClientStatus !== 'running') return 'failed';
  if (checks.some(({ Status }) => Status === 'critical')) {
    return allocation.DeploymentStatus?.Healthy == null ? 'starting' : 'unhealthy';
  }
  return registered ? 'ready' : 'starting';
}

/** `exit code 7`, `killed by the kernel: it used more memory than it may`, `signal 9` */
function endWords({ Details }: TaskEvent): string {
  if (Details?.oom_killed === 'true') return 'killed by the kernel: it used more memory than it may';
  const signal = Number(Details?.signal ?? 0);
  // A shell that runs the program says 128 and the number of the signal.
  const code = Number(Details?.exit_code ?? 0);
  if (signal === 9 || code === 137) {
    return 'killed (signal 9): by somebody, or by the kernel because the machine was short of memory';
  }
  return signal === 0 ? `exit code ${code}` : `signal ${signal}`;
}

function eventWords(event: TaskEvent | null): string | null {
  if (event === null) return null;
  const [first = ''] = event.DisplayMessage.split('\n');
  return first === '' ? event.Type : `${event.Type}: ${first}`;
}
