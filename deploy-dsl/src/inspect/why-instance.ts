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
  ends: End[];
  /** The instance that it was placed for, of the same version, and how that one ended; null: it was no replacement. */
  replaces: { id: string; how: string } | null;
  /** Its last event, while it is not ready. */
  event: string | null;
  checks: { name: string; status: string; output: string }[];
  /** Last lines of its log, where it is not ready or was restarted. */
  log: string[];
}

/** The end of a process. */
export interface End {
  /** Milliseconds since 1970. */
  at: number;
  task: string;
  /** `exit code 7`, `it hung: …` */
  how: string;
}

const endsAtMost = 3;

/**
 * @param entries of its service in Consul
 * @param all instances of the job, among which its predecessor is looked for
 */
export async function whyInstance(
  nomad: Nomad,
  allocation: Allocation,
  { entries, all }: { entries: readonly ConsulServiceEntry[]; all: readonly Allocation[] },
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
    ends: endsOf(allocation).slice(-endsAtMost),
    replaces: predecessorOf(allocation, all),
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

/** Oldest first. */
function endsOf({ TaskStates }: Allocation): End[] {
  const ends = Object.entries(TaskStates ?? {}).flatMap(([task, { Events }]) =>
    (Events ?? []).flatMap((event, index, events): End[] => {
      if (event.Type !== 'Terminated') return [];
      const run = events.slice(
        events.slice(0, index).findLastIndex(({ Type }) => Type === 'Started') + 1,
        index,
      );
      return [{ at: event.Time / 1e6, task, how: askedToEnd(run) ?? endWords(event) }];
    }),
  );
  return ends.toSorted((a, b) => a.at - b.at);
}

/** Nomad ends a run when a check finds the process hanging, or when somebody asks for it. */
function askedToEnd(run: readonly TaskEvent[]): string | null {
  const asked = run.findLast(({ Type }) => Type === 'Restart Signaled');
  if (asked === undefined) return null;
  const check = /check "(.+)" unhealthy/.exec(asked.DisplayMessage)?.[1];
  return check === undefined ? 'restarted on request' : `it hung: the check "${check}" was not answered`;
}

/** A rollout replaces instances of another version; a predecessor of the same one was lost. */
function predecessorOf(allocation: Allocation, all: readonly Allocation[]): WhyInstance['replaces'] {
  const before = all.find(
    ({ NextAllocation, JobVersion }) =>
      NextAllocation === allocation.ID && JobVersion === allocation.JobVersion,
  );
  if (before === undefined) return null;
  const lost = before.ClientStatus === 'lost' || before.ClientStatus === 'unknown';
  const end = endsOf(before).at(-1)?.how ?? 'it never ran';
  const how =
    before.ClientStatus === 'failed' ? end : lost ? 'its machine was lost' : 'it was stopped or moved away';
  return { id: before.ID, how };
}

/**
 * `exit code 7`, `killed by the kernel: it used more memory than it may`, `signal 11`. Of a plain process Nomad does not know
 * whose signal 9 was.
 */
function endWords({ Details }: TaskEvent): string {
  if (Details?.oom_killed === 'true') return 'killed by the kernel: it used more memory than it may';
  const signal = Number(Details?.signal ?? 0);
  // A shell that runs the program says 128 and the number of the signal.
  const code = Number(Details?.exit_code ?? 0);
  if (signal === 9 || code === 137) {
    return "killed (signal 9): out of memory (its own limit, or the machine's), or by somebody";
  }
  return signal === 0 ? `exit code ${code}` : `signal ${signal}`;
}

function eventWords(event: TaskEvent | null): string | null {
  if (event === null) return null;
  const [first = ''] = event.DisplayMessage.split('\n');
  return first === '' ? event.Type : `${event.Type}: ${first}`;
}
