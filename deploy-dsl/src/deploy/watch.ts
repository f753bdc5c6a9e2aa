import { setTimeout as sleep } from 'node:timers/promises';
import type { Allocation } from '../cluster/nomad/allocation.ts';
import type { Deployment, DeploymentState } from '../cluster/nomad/deployment.ts';
import type { Evaluation } from '../cluster/nomad/evaluation.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { TandemError } from '../language/diagnostic.ts';
import { jobChangedMeanwhile, rolloutStuck } from '../language/errors/deploy.ts';
import type { Step } from '../terminal/terminal.ts';
import { CheckMemory } from './check-memory.ts';
import { bakeWords, isOlderThan, rolloutWords } from './rollout-words.ts';

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
  /** Asked at every look; throws what makes waiting on hopeless although Nomad does not know of it. */
  veto?: (() => Promise<void>) | undefined;
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
  const watch = new Watch(submitted, options);
  while (!(await watch.isOver())) await sleep(options.pollMs, undefined, { signal: options.signal });
}

class Watch {
  readonly #submitted: Submitted;
  readonly #options: WatchOptions;
  readonly #checks: CheckMemory;
  readonly #startedAt = Date.now();
  readonly #restartsBefore = new Map<string, number>();
  #blockedSince: number | null = null;
  #bakedSince: number | null = null;

  constructor(submitted: Submitted, options: WatchOptions) {
    this.#submitted = submitted;
    this.#options = options;
    this.#checks = new CheckMemory(submitted.cloud.consul, submitted.services);
  }

  /** Looks once. True: all is well. */
  async isOver(): Promise<boolean> {
    const { signal, step } = this.#options;
    const look = await lookAt(this.#submitted, signal);
    await this.#checks.observe(look.fresh, signal);
    if (look.deployment?.Status === 'successful') return true;
    await this.#options.veto?.();
    this.#failWhereHopeless(look);
    if (look.deployment !== null && canariesWait(look.deployment)) await this.#bake(look, look.deployment);
    else step.update(rolloutWords(look, this.#startedAt));
    return look.deployment === null && this.#isSettled(look);
  }

  #failWhereHopeless(look: Look): void {
    const { cloud, id, deadlineMs } = this.#submitted;
    const { deployment, fresh } = look;
    if (deployment?.Status === 'cancelled') throw new TandemError([jobChangedMeanwhile(id, cloud.name)]);
    if (deployment?.Status === 'failed') this.#fail(look, worst(fresh), deployment.StatusDescription);

    // Nomad itself would try other nodes until the deadline of the whole rollout.
    const ill = fresh.find(
      (each) => each.DesiredStatus === 'run' && each.DeploymentStatus?.Healthy === false,
    );
    if (ill !== undefined) this.#fail(look, ill, 'it is not healthy in time');
    const crashed = fresh.find((each) => this.#hasCrashed(each));
    if (crashed !== undefined) this.#fail(look, crashed, 'its process ends again and again');

    if (look.blocked === null) this.#blockedSince = null;
    else {
      this.#blockedSince ??= Date.now();
      if (Date.now() - this.#blockedSince >= placementGraceMs) {
        throw new RolloutFailed(this.#submitted, { kind: 'placement', evaluation: look.blocked }, deployment);
      }
    }
    // A deployment of Nomad has a deadline of its own.
    if (deployment === null && Date.now() - this.#startedAt > deadlineMs) {
      if (fresh.length > 0) this.#fail(look, worst(fresh), 'it is not healthy in time');
      throw new TandemError([rolloutStuck(id, cloud.name, Math.round(deadlineMs / 1000))]);
    }
  }

  /** Healthy canaries serve for a while; Nomad no longer watches them then, so that we do. */
  async #bake(look: Look, deployment: Deployment): Promise<void> {
    const { cloud, bakeMs, canaryPercent } = this.#submitted;
    const { signal, step } = this.#options;
    this.#bakedSince ??= Date.now();
    const relapsed = look.fresh.find((each) => this.#checks.isCritical(each));
    if (relapsed !== undefined) this.#fail(look, relapsed, 'the canary fell ill while it served');
    const left = bakeMs - (Date.now() - this.#bakedSince);
    if (left > 0) {
      step.update(bakeWords(look.fresh, canaryPercent, left), 1 - left / bakeMs);
      return;
    }
    await cloud.nomad.deployments.promote(deployment.ID, { signal });
    step.update('promoted');
  }

  /** It failed for good, or its tasks were restarted more often than a slow neighbour explains. */
  #hasCrashed(allocation: Allocation): boolean {
    if (allocation.DesiredStatus !== 'run') return false;
    if (allocation.ClientStatus === 'failed') return true;
    const restarts = Object.values(allocation.TaskStates ?? {}).reduce((sum, task) => sum + task.Restarts, 0);
    // An instance that is updated in place keeps the count of its former life.
    const first = isOlderThan(this.#startedAt, allocation) ? restarts : 0;
    const before = this.#restartsBefore.get(allocation.ID) ?? first;
    this.#restartsBefore.set(allocation.ID, before);
    return restarts - before > restartsAtMost;
  }

  /** Without a deployment (nothing was started, or a job with one instance per node): all run and their checks pass. */
  #isSettled(look: Look): boolean {
    if (look.blocked !== null || look.old.some(({ DesiredStatus }) => DesiredStatus === 'run')) return false;
    const wanted = look.fresh.filter(({ DesiredStatus }) => DesiredStatus === 'run');
    if (wanted.length < (this.#submitted.count ?? 1)) return false;
    return wanted.every((each) => each.ClientStatus === 'running' && this.#checks.isPassing(each));
  }

  #fail(look: Look, allocation: Allocation | null, description: string): never {
    const checks = this.#checks.of(allocation);
    throw new RolloutFailed(
      this.#submitted,
      { kind: 'instance', allocation, checks, description },
      look.deployment,
    );
  }
}

async function lookAt(submitted: Submitted, signal: AbortSignal): Promise<Look> {
  const { cloud, id, version } = submitted;
  const { jobs } = cloud.nomad;
  const [allocations, evaluations] = await Promise.all([
    jobs.allocations(id, { signal }),
    jobs.evaluations(id, { signal }),
  ]);
  // Asked last: Nomad writes a deployment with its first instances, and whoever has seen those must not miss it.
  const deployments = await jobs.deployments(id, { signal });
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

/** All canaries are healthy, and wait for somebody to promote them. */
function canariesWait(deployment: Deployment): boolean {
  const groups = Object.values(deployment.TaskGroups ?? {});
  const waiting = groups.filter(
    (group) => group.DesiredCanaries > 0 && !group.Promoted && !group.AutoPromote,
  );
  return waiting.length > 0 && waiting.every(canariesHealthy);
}

function canariesHealthy(group: DeploymentState): boolean {
  return (
    (group.PlacedCanaries?.length ?? 0) >= group.DesiredCanaries &&
    group.HealthyAllocs >= group.DesiredCanaries
  );
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
