import type { Allocation } from '../cluster/nomad/allocation.ts';
import type { LiveJob } from '../cluster/nomad/job.ts';
import type { Node } from '../cluster/nomad/node.ts';
import type { Nomad } from '../cluster/nomad.ts';

/** What one instance asks of the node that is to take it. */
export interface Need {
  memoryMiB: number;
  cpuMHz: number;
  drivers: string[];
  /** Null: any. */
  nodeClass: string | null;
  ports: number[];
  volumes: string[];
}

/** A node, and whether it would take one more instance. */
export interface NodeVerdict {
  node: string;
  class: string;
  /** Of this job, running or starting. */
  instances: number;
  memoryMiB: { free: number; total: number };
  cpuMHz: { free: number; total: number };
  /** Everything that stands against one more instance; empty: it would take one. */
  against: string[];
}

export function needOf(job: LiveJob): Need {
  const [group] = job.TaskGroups;
  const tasks = group?.Tasks ?? [];
  // What ends before the main task starts shares its room.
  const lasting = tasks.filter(({ Lifecycle }) => Lifecycle == null || Lifecycle.Sidecar);
  const nodeClass = (job.Constraints ?? []).find(
    ({ LTarget, Operand }) => /^\$\{node\.class\}$/.test(LTarget) && Operand === '=',
  );
  return {
    memoryMiB: lasting.reduce((sum, { Resources }) => sum + Resources.MemoryMB, 0),
    cpuMHz: lasting.reduce((sum, { Resources }) => sum + Resources.CPU, 0),
    drivers: [...new Set(tasks.map(({ Driver }) => Driver))],
    nodeClass: nodeClass?.RTarget ?? null,
    ports: (group?.Networks ?? []).flatMap(({ ReservedPorts }) =>
      (ReservedPorts ?? []).map(({ Value }) => Value),
    ),
    volumes: Object.values(group?.Volumes ?? {})
      .filter(({ Type }) => Type === 'host')
      .map(({ Source }) => Source),
  };
}

/** Every node of the cloud and what stands against one more instance there, by the scheduler's own rules. */
export async function judgeNodes(
  nomad: Nomad,
  job: LiveJob,
  options: { signal: AbortSignal },
): Promise<NodeVerdict[]> {
  const need = needOf(job);
  const [nodes, allocations] = await Promise.all([nomad.nodes(options), nomad.allocations.list(options)]);
  return Promise.all(
    nodes.map(async (node) => {
      const there = allocations.filter((each) => each.NodeID === node.ID && occupies(each));
      const volumes = need.volumes.length === 0 ? [] : await nomad.hostVolumes(node.ID, options);
      return judgeNode(node, there, need, job.ID, volumes);
    }),
  );
}

/** It still has its room, its ports and its volumes. */
function occupies({ ClientStatus, DesiredStatus }: Allocation): boolean {
  if (ClientStatus === 'running') return true;
  return ClientStatus === 'pending' && DesiredStatus === 'run';
}

function judgeNode(
  node: Node,
  there: readonly Allocation[],
  need: Need,
  job: string,
  volumes: readonly string[],
): NodeVerdict {
  const tasks = there.flatMap(({ AllocatedResources }) => Object.values(AllocatedResources?.Tasks ?? {}));
  const memory = room(
    node.NodeResources?.Memory.MemoryMB,
    node.ReservedResources?.Memory.MemoryMB,
    tasks.map(({ Memory }) => Memory.MemoryMB),
  );
  const cpu = room(
    node.NodeResources?.Cpu.CpuShares,
    node.ReservedResources?.Cpu.CpuShares,
    tasks.map(({ Cpu }) => Cpu.CpuShares),
  );
  return {
    node: node.Name,
    class: node.NodeClass,
    instances: there.filter(({ JobID }) => JobID === job).length,
    memoryMiB: memory,
    cpuMHz: cpu,
    against: [
      ...unavailable(node),
      ...(need.nodeClass !== null && node.NodeClass !== need.nodeClass
        ? [`class ${node.NodeClass || '(none)'}, not ${need.nodeClass}`]
        : []),
      ...need.drivers.flatMap((driver) => withoutDriver(node, driver)),
      ...need.volumes.filter((name) => !volumes.includes(name)).map((name) => `no volume ${name}`),
      ...(memory.free < need.memoryMiB ? [`memory: ${memory.free} MiB free, needs ${need.memoryMiB}`] : []),
      ...(cpu.free < need.cpuMHz ? [`CPU: ${cpu.free} MHz free, needs ${need.cpuMHz}`] : []),
      ...need.ports.flatMap((port) => heldBy(port, there)),
    ],
  };
}

function room(
  all: number | undefined,
  reserved: number | undefined,
  taken: readonly number[],
): { free: number; total: number } {
  const total = (all ?? 0) - (reserved ?? 0);
  return { free: taken.reduce((left, each) => left - each, total), total };
}

function unavailable(node: Node): string[] {
  if (node.Status !== 'ready') return [node.Status];
  if (node.Drain) return ['is being drained'];
  return node.SchedulingEligibility === 'eligible' ? [] : ['takes no new instances (ineligible)'];
}

function withoutDriver(node: Node, driver: string): string[] {
  const found = node.Drivers?.[driver];
  if (found?.Detected !== true) return [`no driver ${driver}`];
  return found.Healthy ? [] : [`driver ${driver} is ill: ${found.HealthDescription}`];
}

function heldBy(port: number, there: readonly Allocation[]): string[] {
  const holder = there.find(({ AllocatedResources }) =>
    AllocatedResources?.Shared.Ports?.some(({ Value }) => Value === port),
  );
  return holder === undefined ? [] : [`port ${port} is held by ${holder.JobID}`];
}
