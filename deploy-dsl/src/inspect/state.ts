import type { Consul, ConsulCheck } from '../cluster/consul.ts';
import type { Allocation, AllocationStats } from '../cluster/nomad/allocation.ts';
import { type Deployment, isDeploymentOver } from '../cluster/nomad/deployment.ts';
import type { LiveJob } from '../cluster/nomad/job.ts';
import type { Nomad } from '../cluster/nomad.ts';

/** One instance as it is now. */
export interface InstanceState {
  /** Id of the allocation. */
  id: string;
  job: string;
  cloud: string;
  node: string;
  /** `10.0.0.5:20113`; null where it has no port. */
  address: string | null;
  /**
   * `ready` runs and all its checks pass; `starting` runs, or is about to, and no check has passed yet; `unhealthy` runs and a check
   * fails; `leaving` was told to stop; `failed` has ended.
   */
  state: 'ready' | 'starting' | 'unhealthy' | 'leaving' | 'failed';
  canary: boolean;
  /** Version of the job in Nomad that it was started with. */
  jobVersion: number | null;
  /** Bytes; null where the node has not measured it. */
  memoryUsed: number | null;
  /**
   * `own`: what it has written, which is what counts against the limit (a container). `resident`: with the pages of its program,
   * which all its copies on a machine share (a plain process, which nobody holds to its limit).
   */
  memoryKind: 'own' | 'resident';
  /** Bytes at which it is killed; what is reserved where nothing else is set. */
  memoryLimit: number;
  /** Percent of one core; null where the node has not measured it. */
  cpuPercent: number | null;
  restarts: number;
  /** Milliseconds since 1970 at which its main task started last, or it was placed. */
  since: number;
}

/** A job of one cloud as it is now. */
export interface JobState {
  id: string;
  cloud: string;
  /** `missing`: the file names it and Nomad does not have it. */
  state: 'healthy' | 'degraded' | 'down' | 'rolling out' | 'stopped' | 'missing';
  version: string | null;
  wanted: number;
  ready: number;
  /** Those that run, or should. */
  instances: InstanceState[];
}

interface Options {
  signal?: AbortSignal | undefined;
}

/** What one cloud runs of an environment: the jobs that it should have, and those that are there all the same. */
export async function readCloud(
  cloud: { name: string; nomad: Nomad; consul: Consul },
  environment: string,
  expected: readonly string[],
  options: Options = {},
): Promise<JobState[]> {
  const [stubs, allocations, checks] = await Promise.all([
    cloud.nomad.jobs.list(options),
    cloud.nomad.allocations.list(options),
    cloud.consul.checks(options),
  ]);
  const others = stubs.filter((job) => job.Meta?.tandem_environment === environment && !job.Stop);
  const ids = [...new Set([...expected, ...others.map(({ ID }) => ID)])];
  return Promise.all(
    ids.map(async (id) => {
      const [live, deployment] = await Promise.all([
        cloud.nomad.jobs.get(id, options),
        cloud.nomad.jobs.latestDeployment(id, options),
      ]);
      const own = allocations.filter(({ JobID }) => JobID === id);
      return readJob(cloud, id, live, deployment, own, checks, options);
    }),
  );
}

async function readJob(
  cloud: { name: string; nomad: Nomad },
  id: string,
  live: LiveJob | null,
  deployment: Deployment | null,
  allocations: readonly Allocation[],
  checks: readonly ConsulCheck[],
  options: Options,
): Promise<JobState> {
  const shown = allocations.filter(isShown);
  const instances = await Promise.all(
    shown.map((allocation) => readInstance(cloud, allocation, checks, live, options)),
  );
  const current = instances.filter(({ state }) => state !== 'leaving');
  const wanted = live === null || live.Stop ? 0 : wantedOf(live, current.length);
  const ready = current.filter(({ state }) => state === 'ready').length;
  const rolling = deployment !== null && !isDeploymentOver(deployment) && deployment.Status !== 'paused';
  return {
    id,
    cloud: cloud.name,
    state: stateOf(live, wanted, ready, rolling),
    version: live?.Meta?.tandem_version ?? null,
    wanted,
    ready,
    instances,
  };
}

function stateOf(live: LiveJob | null, wanted: number, ready: number, rolling: boolean): JobState['state'] {
  if (live === null) return 'missing';
  if (live.Stop) return 'stopped';
  if (rolling) return 'rolling out';
  if (ready >= wanted) return 'healthy';
  return ready === 0 ? 'down' : 'degraded';
}

/** A system job has one instance per node that suits it, so that those that are there are those that are wanted. */
function wantedOf(live: LiveJob, there: number): number {
  if (live.Type === 'system') return Math.max(1, there);
  return live.TaskGroups.reduce((sum, group) => sum + group.Count, 0);
}

/** Not what has ended and was replaced. */
function isShown(allocation: Allocation): boolean {
  const lives = allocation.ClientStatus === 'running' || allocation.ClientStatus === 'pending';
  const replaced = (allocation.NextAllocation ?? '') !== '';
  return lives || (allocation.DesiredStatus === 'run' && !replaced && allocation.ClientStatus !== 'complete');
}

async function readInstance(
  cloud: { name: string; nomad: Nomad },
  allocation: Allocation,
  checks: readonly ConsulCheck[],
  live: LiveJob | null,
  options: Options,
): Promise<InstanceState> {
  const stats =
    allocation.ClientStatus === 'running' ? await statsOf(cloud.nomad, allocation.ID, options) : null;
  const states = Object.values(allocation.TaskStates ?? {});
  const main = allocation.TaskStates?.[allocation.TaskGroup] ?? states[0];
  const startedAt = Date.parse(main?.StartedAt ?? '');
  return {
    id: allocation.ID,
    job: allocation.JobID,
    cloud: cloud.name,
    node: allocation.NodeName,
    address: addressOf(allocation),
    state: instanceState(allocation, checks, live),
    canary: allocation.DeploymentStatus?.Canary === true,
    jobVersion: allocation.JobVersion ?? null,
    ...memoryOf(stats),
    memoryLimit: memoryLimitOf(allocation),
    cpuPercent: stats?.ResourceUsage?.CpuStats?.Percent ?? null,
    restarts: states.reduce((sum, task) => sum + task.Restarts, 0),
    // A task that has not started yet "started" in the year 1.
    since: startedAt > 0 ? startedAt : allocation.CreateTime / 1e6,
  };
}

function instanceState(
  allocation: Allocation,
  checks: readonly ConsulCheck[],
  live: LiveJob | null,
): InstanceState['state'] {
  if (allocation.DesiredStatus !== 'run') return 'leaving';
  if (allocation.ClientStatus === 'pending') return 'starting';
  if (allocation.ClientStatus !== 'running') return 'failed';
  const own = checks.filter(({ ServiceID }) => ServiceID.includes(allocation.ID));
  if (own.some(({ Status }) => Status === 'critical')) {
    return allocation.DeploymentStatus?.Healthy == null ? 'starting' : 'unhealthy';
  }
  const hasServices =
    live?.TaskGroups.some((group) => 'Services' in group && isFull(group.Services)) ?? false;
  return own.length === 0 && hasServices ? 'starting' : 'ready';
}

function isFull(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** A node that does not answer costs only the figures. */
async function statsOf(nomad: Nomad, id: string, options: Options): Promise<AllocationStats | null> {
  try {
    return await nomad.allocations.stats(id, options);
  } catch {
    options.signal?.throwIfAborted();
    return null;
  }
}

function memoryOf(stats: AllocationStats | null): Pick<InstanceState, 'memoryUsed' | 'memoryKind'> {
  const memory = stats?.ResourceUsage?.MemoryStats;
  return {
    memoryUsed: memory?.RSS || memory?.Usage || null,
    memoryKind: memory?.Measured?.includes('Usage') === false ? 'resident' : 'own',
  };
}

function memoryLimitOf(allocation: Allocation): number {
  const tasks = Object.values(allocation.AllocatedResources?.Tasks ?? {});
  return (
    tasks.reduce((sum, { Memory }) => sum + Math.max(Memory.MemoryMB, Memory.MemoryMaxMB), 0) * 1024 * 1024
  );
}

function addressOf(allocation: Allocation): string | null {
  const ports = allocation.AllocatedResources?.Shared.Ports ?? [];
  const port = ports?.find(({ Label }) => Label === 'http') ?? ports?.[0];
  return port === undefined ? null : `${port.HostIP}:${port.Value}`;
}
