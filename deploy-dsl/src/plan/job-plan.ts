import { isDeepStrictEqual } from 'node:util';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Deployment, isDeploymentOver } from '../cluster/nomad/deployment.ts';
import type { PlacementMetric } from '../cluster/nomad/evaluation.ts';
import type { LiveJob } from '../cluster/nomad/job.ts';
import type { DesiredUpdates, JobPlan as DryRun } from '../cluster/nomad/plan.ts';
import type { Nomad } from '../cluster/nomad.ts';
import type { NomadJob } from '../cluster/nomad-job.ts';
import { nullable } from '../cluster/shapes.ts';
import type { TargetCloud } from '../cluster/target.ts';
import type { CompiledCloud, CompiledJob } from '../compile/compiled.ts';
import type { Model, Update } from '../language/model.ts';
import { type Change, changed } from './change.ts';
import { inParallel } from './in-parallel.ts';
import { jobWords } from './job-words.ts';
import type { Past } from './plan.ts';
import { thoseMakingWay } from './port-handover.ts';
import { isAsRegistered, nameIn } from './registered.ts';
import { isRejection, JobsRejected, type Rejection } from './rejection.ts';

/**
 * What happens to a job:
 * - `create`: there is none; `start`: it was stopped by hand
 * - `update`: it runs with another specification
 * - `resume`: an interrupted deploy left its rollout half way
 * - `retry`: it has this specification, but its rollout failed and it is not healthy
 * - `remove`: it runs, and the file names it no more
 */
export type Action = 'create' | 'start' | 'update' | 'resume' | 'retry' | 'remove' | 'none';

export interface JobPlan {
  cloud: string;
  id: string;
  kind: CompiledJob['kind'];
  service: string | null;
  action: Action;
  changes: Change[];
  /** True where the file did not change since the last release: somebody changed the job by hand. */
  drift: boolean;
  instances: { before: number; after: number };
  effect: Effect;
  /** How the service is updated; null for jobs that are none. */
  update: Update | null;
  /** What to submit, counts that the autoscaler owns taken from the live job; null where it is removed. */
  spec: NomadJob | null;
  /** The specification as compiled; null where it is removed. */
  compiled: CompiledJob | null;
  /** Null where there is none, and where nobody has touched it since the last deploy: then it is not read. */
  live: LiveJob | null;
  /** Nomad's JobModifyIndex of the live job; 0 where there is none. */
  index: number;
  /** It stops before anything else, because it and others wait for each other's fixed ports. */
  makesWay: boolean;
  /** By group: why Nomad could not place it now. */
  placementFailures: Record<string, PlacementMetric>;
}

/** What the change means for the instances. */
export interface Effect {
  started: number;
  stopped: number;
  /** Replaced by new ones. */
  restarted: number;
  inPlace: number;
  /** New instances that run beside the old ones before any of those is stopped. */
  canaries: number;
}

/**
 * Differences of all jobs of a cloud, in start order, then those that are to be removed.
 *
 * @throws JobsRejected with all that Nomad would not take
 */
export async function planJobs(
  model: Model,
  compiled: CompiledCloud,
  cloud: TargetCloud,
  past: Past,
): Promise<JobPlan[]> {
  const { nomad } = cloud;
  const wanted = new Set(compiled.jobs.map((job) => job.spec.ID));
  const rejections: Rejection[] = [];
  const [stubs, unsettled] = await Promise.all([nomad.jobs.list(), nomad.deployments.unsuccessful()]);
  const kept = await inParallel(8, compiled.jobs, async (job) => {
    const { ID } = job.spec;
    const stub = stubs.find((each) => each.ID === ID);
    const isSettled = unsettled.every(({ JobID }) => JobID !== ID);
    if (
      stub !== undefined &&
      isSettled &&
      isAsRegistered(job.spec, stub, past.registered[nameIn(cloud.name, ID)])
    )
      return unchanged(model, job, cloud.name, { spec: job.spec, live: null, index: stub.JobModifyIndex });
    return planJob(model, job, cloud, past).catch((error: unknown) => {
      if (!isRejection(error)) throw error;
      rejections.push({ job: ID, cloud: cloud.name, message: error.reply });
      return null;
    });
  });
  const stale = stubs.filter(
    (job) => job.Meta?.tandem_environment === model.environment && !job.Stop && !wanted.has(job.ID),
  );
  const order = compiled.jobs.map(({ spec }) => spec.ID);
  rejections.sort((a, b) => order.indexOf(a.job) - order.indexOf(b.job));
  if (rejections.length > 0) throw new JobsRejected(rejections);
  const removed = await inParallel(8, stale, async (job) => {
    const live = await nomad.jobs.get(job.ID);
    return live === null ? null : removal(live, cloud.name);
  });
  const jobs = [...kept, ...removed].filter((job) => job !== null);
  const away = thoseMakingWay(jobs);
  return jobs.map((job) => (away.has(job) ? { ...job, makesWay: true } : job));
}

async function planJob(
  model: Model,
  compiled: CompiledJob,
  cloud: TargetCloud,
  past: Past,
): Promise<JobPlan> {
  const { nomad } = cloud;
  const id = compiled.spec.ID;
  const live = await nomad.jobs.get(id);
  const spec = withLiveState(compiled.spec, live);
  const [dry, deployment] = await Promise.all([
    nomad.jobs.plan(spec),
    live === null ? null : nomad.jobs.latestDeployment(id),
  ]);
  const changes = [
    ...(dry.Diff === null || live === null ? [] : jobWords(dry.Diff, compiled.service ?? id)),
    ...(live !== null && spreadsDiffer(spec, live) ? [changed('placement')] : []),
  ];
  const action = await actionOf(nomad, live, deployment, changes, past);
  return {
    ...unchanged(model, compiled, cloud.name, { spec, live, index: live?.JobModifyIndex ?? 0 }),
    action,
    changes,
    drift: action === 'update' && isDeepStrictEqual(await lastSpec(past, cloud.name, id), compiled.spec),
    instances: { before: live === null || live.Stop ? 0 : countOf(live), after: countOf(spec) },
    effect: action === 'none' ? noEffect : effectOf(dry, action, live, spec),
    spec: action === 'retry' ? withNextAttempt(spec) : spec,
    placementFailures: dry.FailedTGAllocs ?? {},
  };
}

/** A job of the file to which nothing happens. */
function unchanged(
  model: Model,
  compiled: CompiledJob,
  cloud: string,
  { spec, live, index }: { spec: NomadJob; live: LiveJob | null; index: number },
): JobPlan {
  const { kind, service } = compiled;
  return {
    cloud,
    id: spec.ID,
    kind,
    service,
    action: 'none',
    changes: [],
    drift: false,
    instances: { before: countOf(spec), after: countOf(spec) },
    effect: noEffect,
    update: kind === 'service' && service ? (model.services[service]?.update ?? null) : null,
    spec,
    compiled,
    live,
    index,
    makesWay: false,
    placementFailures: {},
  };
}

/** The specification that the last release had. */
async function lastSpec(past: Past, cloud: string, id: string): Promise<NomadJob | undefined> {
  const last = await past.last();
  const jobs = last?.clouds.find(({ name }) => name === cloud)?.jobs;
  return jobs?.find(({ spec }) => spec.ID === id)?.spec;
}

function removal(live: LiveJob, cloud: string): JobPlan {
  const count = countOf(live);
  const service = live.Meta?.tandem_service || null;
  return {
    cloud,
    id: live.ID,
    kind: service === null ? 'platform' : live.ID === service ? 'service' : 'redis',
    service,
    action: 'remove',
    changes: [],
    drift: false,
    instances: { before: count, after: 0 },
    effect: { ...noEffect, stopped: count },
    update: null,
    spec: null,
    compiled: null,
    live,
    index: live.JobModifyIndex,
    makesWay: false,
    placementFailures: {},
  };
}

const noEffect: Effect = { started: 0, stopped: 0, restarted: 0, inPlace: 0, canaries: 0 };

async function actionOf(
  nomad: Nomad,
  live: LiveJob | null,
  deployment: Deployment | null,
  changes: Change[],
  past: Past,
): Promise<Action> {
  if (live === null) return 'create';
  if (live.Stop) return 'start';
  if (changes.length > 0) return 'update';
  if (deployment === null || deployment.JobVersion !== live.Version) return 'none';
  if (!isDeploymentOver(deployment))
    return past.interrupted || waitsForPromotion(deployment) ? 'resume' : 'none';
  return deployment.Status === 'failed' && !(await isHealthy(nomad, live)) ? 'retry' : 'none';
}

/** Canaries of which nobody takes care any more. */
function waitsForPromotion(deployment: Deployment): boolean {
  const groups = Object.values(deployment.TaskGroups ?? {});
  return groups.some((group) => group.DesiredCanaries > 0 && !group.Promoted && !group.AutoPromote);
}

/** Every instance runs and has become healthy, whatever its rollout came to. */
async function isHealthy(nomad: Nomad, live: LiveJob): Promise<boolean> {
  const allocations = await nomad.jobs.allocations(live.ID);
  const healthy = allocations.filter(
    (each) =>
      each.DesiredStatus === 'run' &&
      each.ClientStatus === 'running' &&
      each.DeploymentStatus?.Healthy === true,
  );
  return healthy.length >= countOf(live);
}

/**
 * The specification with what the live job owns: counts within the autoscaler's limits, and the mark of a repeated
 * rollout, so that neither reads as a difference.
 */
function withLiveState(spec: NomadJob, live: LiveJob | null): NomadJob {
  if (live === null) return spec;
  const attempt = live.Meta?.tandem_attempt;
  return {
    ...spec,
    Meta: attempt === undefined ? spec.Meta : { ...spec.Meta, tandem_attempt: attempt },
    TaskGroups: spec.TaskGroups.map((group) => {
      const count = live.TaskGroups.find(({ Name }) => Name === group.Name)?.Count;
      if (group.Scaling === undefined || count === undefined) return group;
      return { ...group, Count: Math.min(group.Scaling.Max, Math.max(group.Scaling.Min, count)) };
    }),
  };
}

/** Nomad makes nothing of a job that did not change: a rollout that failed is only repeated for a new version. */
function withNextAttempt(spec: NomadJob): NomadJob {
  const attempt = Number(spec.Meta.tandem_attempt ?? '1') + 1;
  return { ...spec, Meta: { ...spec.Meta, tandem_attempt: String(attempt) } };
}

function effectOf(dry: DryRun, action: Action, live: LiveJob | null, spec: NomadJob): Effect {
  const groups = Object.values(dry.Annotations?.DesiredTGUpdates ?? {});
  const sum = (pick: (updates: DesiredUpdates) => number) =>
    groups.reduce((total, each) => total + pick(each), 0);
  if (action === 'retry') return { ...noEffect, restarted: countOf(spec) };
  const canaries = sum((each) => each.Canary);
  const replaced = sum((each) => each.DestructiveUpdate);
  if (canaries + replaced > 0) {
    const [before, after] = [live === null ? 0 : countOf(live), countOf(spec)];
    const restarted = spec.Type === 'system' ? replaced : Math.min(before, after);
    return {
      ...noEffect,
      restarted,
      started: Math.max(0, after - before),
      stopped: Math.max(0, before - after),
      canaries,
    };
  }
  return {
    ...noEffect,
    started: sum((each) => each.Place),
    stopped: sum((each) => each.Stop),
    inPlace: sum((each) => each.InPlaceUpdate),
  };
}

const WithSpreads = Type.Object({
  Spreads: Type.Optional(
    nullable(Type.Array(Type.Object({ Attribute: Type.String(), Weight: Type.Number() }))),
  ),
});

/** Nomad's own difference leaves spreads out. */
function spreadsDiffer(spec: NomadJob, live: LiveJob): boolean {
  if (!Value.Check(WithSpreads, live)) return false;
  const key = (spreads: { Attribute: string; Weight: number }[] | null | undefined) =>
    JSON.stringify((spreads ?? []).map(({ Attribute, Weight }) => [Attribute, Weight]));
  return key(spec.Spreads) !== key(live.Spreads);
}

/** Instances of all groups; of a system job 1, though it has one per node. */
export function countOf(job: { Type: string; TaskGroups: { Count: number }[] }): number {
  return job.Type === 'system' ? 1 : job.TaskGroups.reduce((sum, group) => sum + group.Count, 0);
}
