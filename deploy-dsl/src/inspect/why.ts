import type { ConsulServiceEntry } from '../cluster/consul.ts';
import type { Allocation } from '../cluster/nomad/allocation.ts';
import { type Deployment, isDeploymentOver } from '../cluster/nomad/deployment.ts';
import type { Evaluation } from '../cluster/nomad/evaluation.ts';
import type { LiveJob } from '../cluster/nomad/job.ts';
import type { Target, TargetCloud } from '../cluster/target.ts';
import { redisJobName } from '../compile/redis.ts';
import { hasQueues } from '../compile/service-variables.ts';
import { blame } from '../deploy/blame.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import type { Origins } from '../language/origins.ts';
import { type Edge, edgesOf } from './edge-outcome.ts';
import { findInstance } from './find.ts';
import { type WhyInstance, whyInstance } from './why-instance.ts';
import { judgeNodes, type Need, type NodeVerdict, needOf } from './why-nodes.ts';
import { type EdgeView, viewEdges } from './why-routes.ts';

/** Why a job is (not) placed, healthy and routed in one cloud. */
export interface Why {
  cloud: string;
  /** `missing`: it was never deployed; `stopped`: by hand. */
  state: 'missing' | 'stopped' | 'there';
  /** Version of the job in Nomad, and how many of its instances are ready; null where it is missing. */
  job: { version: number; wanted: number; ready: number } | null;
  deployment: WhyDeployment | null;
  /** What it needs and what is not ready. */
  waitsFor: string[];
  need: Need | null;
  nodes: NodeVerdict[];
  /** Those that should run. */
  instances: WhyInstance[];
  /** Between two looks of its health check; null where the file does not say. What a check says is at most that old. */
  checkEveryMs: number | null;
  /** The last ones that failed and were replaced. */
  former: WhyInstance[];
  /** Paths that lead to it; none: it is not reached from outside. */
  routes: string[];
  edges: EdgeView[];
  problems: Diagnostic[];
}

export interface WhyDeployment {
  status: string;
  description: string;
  over: boolean;
  healthy: number;
  unhealthy: number;
  placed: number;
  wanted: number;
  canaries: { wanted: number; promoted: boolean };
  /** ISO 8601: an instance must be healthy until then. */
  deadline: string | null;
}

const formerAtMost = 3;

export interface WhyRequest {
  target: Target;
  model: Model;
  origins: Origins;
  signal: AbortSignal;
}

/** @param job a service, its Redis (`<service>-redis`), `edge` or `rabbitmq` */
export async function whyIn(cloud: TargetCloud, job: string, request: WhyRequest): Promise<Why> {
  const { model, origins, signal } = request;
  const options = { signal };
  const { jobs } = cloud.nomad;
  const live = await jobs.get(job, options);
  const routes = model.services[job]?.routes.map(({ path }) => path) ?? [];
  if (live === null || live.Stop) return notThere(cloud.name, live, routes);
  const [allocations, evaluations, deployment, here, elsewhere, edges, nodes, waitsFor, alarms] =
    await Promise.all([
      jobs.allocations(job, options),
      jobs.evaluations(job, options),
      jobs.latestDeployment(job, options),
      cloud.consul.health(job, options),
      healthElsewhere(cloud, job, request),
      edgesOf(cloud.nomad, options),
      judgeNodes(cloud.nomad, live, options),
      unreadyNeeds(cloud, job, request),
      alarmsFor(job, request),
    ]);
  const current = allocations.filter((each) => each.DesiredStatus === 'run' && !each.NextAllocation);
  const former = allocations
    .filter((each) => !current.includes(each) && each.ClientStatus === 'failed')
    .slice(0, formerAtMost);
  const described = (list: Allocation[]) =>
    Promise.all(
      list.map((each) => whyInstance(cloud.nomad, each, { entries: here, all: allocations }, options)),
    );
  const [instances, ended, ill, views] = await Promise.all([
    described(current),
    described(former),
    Promise.all(current.map((each) => findInstance(cloud, each, options))),
    routes.length === 0 ? [] : viewEdges(cloud, edges, job, { here, elsewhere }, options),
  ]);
  const findings = [
    ...unplaced(evaluations).map((metric) => ({
      kind: 'unplaced' as const,
      job,
      cloud: cloud.name,
      metric,
    })),
    ...ill.filter((finding) => finding !== null),
    ...(routes.length === 0 && job !== 'edge' ? [] : refusals(cloud.name, edges)),
    ...alarms.map((alarm) => ({ kind: 'alarm' as const, ...alarm })),
  ];
  return {
    cloud: cloud.name,
    state: 'there',
    job: {
      version: live.Version,
      wanted: wantedOf(live, current.length),
      ready: instances.filter(({ state }) => state === 'ready').length,
    },
    deployment: deployment === null ? null : deploymentOf(deployment),
    waitsFor,
    need: needOf(live),
    nodes,
    instances,
    checkEveryMs: model.services[job]?.health.intervalMs ?? null,
    former: ended,
    routes,
    edges: views,
    problems: distinct(findings.map((finding) => blame(finding, model, origins))),
  };
}

/** Nothing is wrong: every instance is ready, and every edge sends requests to just those. */
export function isWell({ state, job, waitsFor, edges, problems }: Why): boolean {
  if (state !== 'there' || job === null || job.ready < job.wanted || waitsFor.length > 0) return false;
  return (
    problems.length === 0 &&
    edges.every(({ current, missing, stale }) => current && missing.length + stale.length === 0)
  );
}

/** Ten instances that fail alike are told once. */
function distinct(problems: readonly Diagnostic[]): Diagnostic[] {
  const key = ({ code, range, caption }: Diagnostic) => JSON.stringify([code, range, caption]);
  return [...new Map(problems.toReversed().map((each) => [key(each), each])).values()].toReversed();
}

function notThere(cloud: string, live: LiveJob | null, routes: string[]): Why {
  return {
    cloud,
    state: live === null ? 'missing' : 'stopped',
    job: live === null ? null : { version: live.Version, wanted: 0, ready: 0 },
    deployment: null,
    waitsFor: [],
    need: null,
    nodes: [],
    instances: [],
    checkEveryMs: null,
    former: [],
    routes,
    edges: [],
    problems: [],
  };
}

/** A system job has one instance per node that suits it. */
function wantedOf(live: LiveJob, there: number): number {
  if (live.Type === 'system') return Math.max(1, there);
  return live.TaskGroups.reduce((sum, group) => sum + group.Count, 0);
}

/** Of the evaluation that could not place everything; the blocked one only waits. */
function unplaced(evaluations: readonly Evaluation[]) {
  const blocked = evaluations.find(({ Status }) => Status === 'blocked');
  if (blocked === undefined) return [];
  const cause = evaluations.find(({ BlockedEval }) => BlockedEval === blocked.ID) ?? blocked;
  return Object.values(cause.FailedTGAllocs ?? blocked.FailedTGAllocs ?? {});
}

function refusals(cloud: string, edges: readonly Edge[]) {
  const refused = edges.map(({ outcome }) => outcome).find((outcome) => outcome?.ok === false);
  return refused?.ok === false ? [{ kind: 'nginx' as const, cloud, ...refused }] : [];
}

function deploymentOf(deployment: Deployment): WhyDeployment {
  const groups = Object.values(deployment.TaskGroups ?? {});
  const sum = (pick: (group: (typeof groups)[number]) => number) =>
    groups.reduce((total, group) => total + pick(group), 0);
  const over = isDeploymentOver(deployment);
  return {
    status: deployment.Status,
    description: deployment.StatusDescription,
    over,
    healthy: sum((group) => group.HealthyAllocs),
    unhealthy: sum((group) => group.UnhealthyAllocs),
    placed: sum((group) => group.PlacedAllocs),
    wanted: sum((group) => group.DesiredTotal),
    canaries: {
      wanted: sum((group) => group.DesiredCanaries),
      promoted: groups.every((group) => group.Promoted),
    },
    deadline: over ? null : (groups[0]?.RequireProgressBy ?? null),
  };
}

/** The reserve of the edge; a cloud that is away has none to offer. */
async function healthElsewhere(
  cloud: TargetCloud,
  job: string,
  { target, signal }: WhyRequest,
): Promise<ConsulServiceEntry[]> {
  const others = target.clouds.filter(({ name }) => name !== cloud.name);
  const lists = await Promise.allSettled(others.map(({ consul }) => consul.health(job, { signal })));
  signal.throwIfAborted();
  return lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
}

/** What a service stands on, each in words where it is not ready. */
async function unreadyNeeds(
  cloud: TargetCloud,
  job: string,
  { model, signal }: WhyRequest,
): Promise<string[]> {
  const service = model.services[job];
  if (service === undefined) return [];
  const needs = [
    ...(service.redis?.persistent === true ? [redisJobName(job)] : []),
    ...(hasQueues(service) ? ['rabbitmq'] : []),
    ...service.needs,
    ...service.calls,
  ];
  const words = await Promise.all(
    [...new Set(needs)].map(async (need) => {
      const [live, entries] = await Promise.all([
        cloud.nomad.jobs.get(need, { signal }),
        cloud.consul.health(need, { signal }),
      ]);
      if (live === null) return `${need}, which is not deployed`;
      if (live.Stop) return `${need}, which is stopped`;
      const ready = entries.filter(({ Checks }) => Checks.every(({ Status }) => Status === 'passing'));
      return ready.length > 0 ? null : `${need}, of which no instance is ready`;
    }),
  );
  return words.filter((each) => each !== null);
}

/** RabbitMQ's own state only matters to those that use it; where it does not answer, it is among the needs already. */
async function alarmsFor(job: string, { target, model, signal }: WhyRequest) {
  const service = model.services[job];
  const uses = job === 'rabbitmq' || (service !== undefined && hasQueues(service));
  if (!uses || target.rabbitmq === null) return [];
  try {
    return await target.rabbitmq.alarms({ signal });
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
