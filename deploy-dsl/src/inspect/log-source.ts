import type { Allocation } from '../cluster/nomad/allocation.ts';
import type { Nomad } from '../cluster/nomad.ts';

/** One of the two logs of a task of an instance. */
export interface LogSource {
  nomad: Nomad;
  cloud: string;
  job: string;
  /** Id of the allocation. */
  instance: string;
  node: string;
  task: string;
  stream: 'stdout' | 'stderr';
  /** Milliseconds since 1970, for lines that say no time and come before any that does. */
  since: number;
  /** Its task has ended for good: nothing will be written any more. */
  ended: boolean;
}

/** What to read of an instance. */
export interface SourceOptions {
  /** Beginning of an instance's id; null for all. */
  instance: string | null;
  streams: readonly LogSource['stream'][];
}

/** The logs of an instance's main task: of the edge that is nginx, with its access log. */
export function sourcesOf(
  cloud: { name: string; nomad: Nomad },
  allocation: Allocation,
  options: SourceOptions,
): LogSource[] {
  if (options.instance !== null && !allocation.ID.startsWith(options.instance)) return [];
  const states = allocation.TaskStates ?? {};
  const task = mainTask(allocation.TaskGroup, Object.keys(states));
  const startedAt = Date.parse(states[task]?.StartedAt ?? '');
  return options.streams.map((stream) => ({
    nomad: cloud.nomad,
    cloud: cloud.name,
    job: allocation.JobID,
    instance: allocation.ID,
    node: allocation.NodeName,
    task,
    stream,
    since: startedAt > 0 ? startedAt : allocation.CreateTime / 1e6,
    ended: isEnded(allocation),
  }));
}

export function isEnded(allocation: Allocation): boolean {
  return !['running', 'pending', 'unknown'].includes(allocation.ClientStatus);
}

function mainTask(group: string, tasks: readonly string[]): string {
  if (tasks.includes(group)) return group;
  return tasks.find((task) => task === 'nginx') ?? tasks[0] ?? group;
}
