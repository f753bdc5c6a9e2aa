import { setTimeout as sleep } from 'node:timers/promises';
import type { Allocation } from '../cluster/nomad/allocation.ts';
import type { Deployment, DeploymentState } from '../cluster/nomad/deployment.ts';
import type { Evaluation } from '../cluster/nomad/evaluation.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { TandemError } from '../language/diagnostic.ts';
import { jobChangedMeanwhile, rolloutStuck } from '../language/errors/deploy.ts';
import type { Step } from '../terminal/terminal.ts';
import { CheckMemory } from './check-memory.ts';
import { bakeWords, rolloutWords } from './rollout-words.ts';

/** A version of a job that was submitted, and how to follow it. */
export interface Submitted {
  cloud: TargetCloud;
  id: string;
  version: number;
  /** Names in Consul of the services of its instances. */
  services: string[];
  /** Instances that must be healthy; null where the scheduler decides (one per node). */
  count: number | null;
  /** Share of requests that a canary gets, for the screen; null: rolls without one. */
  canaryPercent: number | null;
  /** How long a healthy canary must serve before it is promoted. */
  bakeMs: number;
  /** Used where Nomad itself has no deployment, and thus no deadline. */
  deadlineMs: number;
}

export interface WatchOptions {
  step: Step;
  signal: AbortSignal;
  /** Between two looks. */
  pollMs: number;
}

/** Why a rollout failed, as Nomad and Consul show it, before anything was put back. */
export type RolloutFailure =
  | { kind: 'placement'; evaluation: Evaluation }
  | { kind: 'instance'; allocation: Allocation | null; checks: string[]; description: string };

/** A rollout failed. Nothing was put back yet. */
export class RolloutFailed extends Error {
  readonly submitted: Submitted;
  readonly failure: RolloutFailure;
  readonly deployment: Deployment | null;

  constructor(submitted: Submitted, failure: RolloutFailure, deployment: Deployment | null) {
    super(`${submitted.id} in ${submitted.cloud.name} failed`);
    this.name = 'RolloutFailed';
    this.submitted = submitted;
    this.failure = failure;
    this.deployment = deployment;
  }
}

/** A blocked evaluation may be served by what another job frees in the same moment. */
const placementGraceMs = 2_000;
/** Restarts of an instance of the new version after which waiting on makes no sense. */
const restartsAtMost = 1;

interface Look {
  deployment: Deployment | null;
  /** Of the version that is rolled out. */
  fresh: Allocation[];
  /** Of earlier versions, still there. */
  old: Allocation[];
  blocked: Evaluation | null;
}

/**
 * Follows a rollout until all its instances are healthy, and promotes its canaries when they have served long enough.
 * Nomad's own CLI waits on when an instance cannot be placed or restarts for ever: here that ends the wait.
 *
 * @throws RolloutFailed with the evidence; TandemError when somebody else changed the job; the signal's reason
 */
export async function watchRollout(submitted: Submitted, options: WatchOptions): Promise<void> {
  const { cloud, id } = submitted;
  const { signal, step } = options;
  const startedAt = Date.now();
  const checks = new CheckMemory(cloud.consul, submitted.services);
  const restartsBefore = new Map<string, number>();
  let blockedSince: number | null = null;
  let bakedSince: number | null = null;

  for (;;) {
    const look = await lookAt(submitted, signal);
    const { deployment, fresh } = look;
    await checks.observe(fresh, signal);
    const fail = (failure: RolloutFailure) => new RolloutFailed(submitted, failure, deployment);
    const instance = (allocation: Allocation | null, description: string) =>
      fail({ kind: 'instance', allocation, checks: checks.of(allocation), description });

    if (deployment?.Status === 'successful') return;
    if (deployment?.Status === 'cancelled') throw new TandemError([jobChangedMeanwhile(id, cloud.name)]);
    if (deployment?.Status === 'failed') throw instance(worst(fresh), deployment.StatusDescription);

    const crashed = fresh.find((each) => hasCrashed(each, restartsBefore));
    if (crashed !== undefined) throw instance(crashed, 'its process ends again and again');

    blockedSince = look.blocked === null ? null : (blockedSince ?? Date.now());
    if (look.blocked !== null && Date.now() - (blockedSince ?? 0) >= placementGraceMs) {
      throw fail({ kind: 'placement', evaluation: look.blocked });
    }

    const waiting = canariesOf(deployment);
    if (deployment !== null && waiting?.healthy) {
      const ill = fresh.find((each) => checks.isCritical(each));
      if (ill !== undefined && bakedSince !== null)
        throw instance(ill, 'the canary fell ill while it served');
      bakedSince ??= Date.now();
      const left = submitted.bakeMs - (Date.now() - bakedSince);
      if (left <= 0) {
        await cloud.nomad.deployments.promote(deployment.ID, { signal });
        step.update('promoted');
      } else {
        step.update(bakeWords(fresh, submitted.canaryPercent, left), 1 - left / submitted.bakeMs);
      }
    } else {
      step.update(rolloutWords(look));
    }

    if (deployment === null && isSettled(look, submitted, checks)) return;
    if (deployment === null && Date.now() - startedAt > submitted.deadlineMs) {
      if (fresh.length > 0) throw instance(worst(fresh), 'it is not healthy in time');
      throw new TandemError([rolloutStuck(id, cloud.name, Math.round(submitted.deadlineMs / 1000))]);
    }
    await sleep(options.pollMs, undefined, { signal });
  }
}

async function lookAt(submitted: Submitted, signal: AbortSignal): Promise<Look> {
  const { cloud, id, version } = submitted;
  const { jobs } = cloud.nomad;
  const [deployments, allocations, evaluations] = await Promise.all([
    jobs.deployments(id, { signal }),
    jobs.allocations(id, { signal }),
    jobs.evaluations(id, { signal }),
  ]);
  const deployment = deployments.find((each) => each.JobVersion === version) ?? null;
  const newest = deployments.find((each) => each.JobVersion > version);
  if (deployment === null && newest !== undefined) {
    throw new TandemError([jobChangedMeanwhile(id, cloud.name)]);
  }
  const blocked = evaluations.find((each) => each.Status === 'blocked') ?? null;
  // The evaluation that could not place everything says why; the blocked one only waits.
  const cause =
    blocked === null ? null : (evaluations.find((each) => each.BlockedEval === blocked.ID) ?? blocked);
  return {
    deployment,
    fresh: allocations.filter((each) => each.JobVersion === version),
    old: allocations.filter((each) => each.JobVersion !== version && isThere(each)),
    blocked: cause,
  };
}

function isThere(allocation: Allocation): boolean {
  return allocation.ClientStatus === 'running' || allocation.ClientStatus === 'pending';
}

/** It failed for good, or its tasks were restarted more often than a slow neighbour explains. */
function hasCrashed(allocation: Allocation, before: Map<string, number>): boolean {
  if (allocation.DesiredStatus !== 'run') return false;
  if (allocation.ClientStatus === 'failed') return true;
  const restarts = Object.values(allocation.TaskStates ?? {}).reduce((sum, task) => sum + task.Restarts, 0);
  // An instance updated in place keeps the count of its former life.
  const base = before.get(allocation.ID) ?? restarts;
  before.set(allocation.ID, base);
  return restarts - base > restartsAtMost;
}

/** Canaries that wait for promotion, null when none do. */
function canariesOf(deployment: Deployment | null): { healthy: boolean } | null {
  const groups = Object.values(deployment?.TaskGroups ?? {});
  const waiting = groups.filter(
    (group) => group.DesiredCanaries > 0 && !group.Promoted && !group.AutoPromote,
  );
  return waiting.length === 0 ? null : { healthy: waiting.every(canariesHealthy) };
}

function canariesHealthy(group: DeploymentState): boolean {
  return (
    (group.PlacedCanaries?.length ?? 0) >= group.DesiredCanaries &&
    group.HealthyAllocs >= group.DesiredCanaries
  );
}

/** Without a deployment (nothing was started, or a job with one instance per node): all run and their checks pass. */
function isSettled(look: Look, submitted: Submitted, checks: CheckMemory): boolean {
  if (look.blocked !== null || look.old.some(({ DesiredStatus }) => DesiredStatus === 'run')) return false;
  const wanted = look.fresh.filter(({ DesiredStatus }) => DesiredStatus === 'run');
  if (wanted.length < (submitted.count ?? 1)) return false;
  return wanted.every((each) => each.ClientStatus === 'running' && checks.isPassing(each));
}

/** The instance that says most about a failure. */
function worst(allocations: Allocation[]): Allocation | null {
  const rank = (each: Allocation) => {
    if (each.ClientStatus === 'failed') return 0;
    if (each.DeploymentStatus?.Healthy === false) return 1;
    return each.DeploymentStatus?.Healthy === true ? 3 : 2;
  };
  return allocations.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}
