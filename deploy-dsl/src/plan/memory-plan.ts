import type { Node } from '../cluster/nomad/node.ts';
import type { JobPlan } from './job-plan.ts';

/** Memory that the scheduler reserves in one cloud, MiB. */
export interface MemoryPlan {
  before: number;
  after: number;
  /** The most that is reserved on the way there, while new instances run beside the old ones. */
  peak: number;
  /** Of all machines that are ready. */
  capacity: number;
}

/** @param nodes of the cloud, ready or not */
export function planMemory(jobs: readonly JobPlan[], nodes: readonly Node[]): MemoryPlan {
  const ready = nodes.filter((node) => node.Status === 'ready');
  const capacity = ready.reduce((sum, node) => sum + (node.NodeResources?.Memory.MemoryMB ?? 0), 0);
  let [before, after, surge] = [0, 0, 0];
  for (const job of jobs) {
    const wanted = job.spec === null ? 0 : reserved(job.spec, ready.length);
    const live = job.action === 'none' ? wanted : liveMemory(job, ready.length);
    const beside = job.spec === null ? 0 : job.effect.canaries * perInstance(job.spec);
    before += live;
    after += wanted;
    surge += Math.max(0, live + beside - Math.max(live, wanted));
  }
  return { before, after, peak: Math.max(before, after) + surge, capacity };
}

function liveMemory({ live }: JobPlan, nodes: number): number {
  return live === null || live.Stop ? 0 : reserved(live, nodes);
}

interface Reserving {
  Type: string;
  TaskGroups: {
    Count: number;
    Tasks: { Lifecycle?: { Sidecar: boolean } | null; Resources: { MemoryMB: number } }[];
  }[];
}

function reserved(job: Reserving, nodes: number): number {
  return job.TaskGroups.reduce((sum, group) => {
    return sum + memoryOf(group) * (job.Type === 'system' ? nodes : group.Count);
  }, 0);
}

function perInstance(job: Reserving): number {
  return job.TaskGroups.reduce((sum, group) => sum + memoryOf(group), 0);
}

/** Tasks that end before the main one starts share its memory. */
function memoryOf(group: Reserving['TaskGroups'][number]): number {
  const lasting = group.Tasks.filter((task) => !task.Lifecycle || task.Lifecycle.Sidecar);
  return lasting.reduce((sum, task) => sum + task.Resources.MemoryMB, 0);
}
