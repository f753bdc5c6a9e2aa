import { type Allocation, isThere } from '../cluster/nomad/allocation.ts';
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
  /** Asked at every look; throws what makes waiting on hopeless although Nomad does not know of it. */
  veto?: (() => Promise<void>) | undefined;
  /** Asked where there is no room: whether another part of the deploy has yet to give up what the job waits for. */
  roomComes?: (() => Promise<boolean>) | undefined;
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

/** Nomad says at once what changes; Consul, evaluations and the clock are looked at this often. */
const lookEveryMs = 400;
/** A blocked evaluation may be served by what another job has freed in the same moment. */
const placementGraceMs = 2_000;
/** A program may open its port a moment before it knows its routes. */
const refusedGraceMs = 5_000;
/** Restarts of an instance of the new version after which waiting on makes no sense. */
const restartsAtMost = 1;

interface Look {
  begunAt: number;
  deployment: Deployment | null;
  /** Of the version that is rolled out. */
  fresh: Allocation[];
  /** Of earlier versions, still there. */
  old: Allocation[];
  blocked: Evaluation | null;
  /** Nomad's indexes of what was seen. */
  seen: { allocations: number; deployments: number };
}

/**
 * Follows a rollout until all its instances are healthy, and promotes its canaries when they have served long enough.
 * Nomad's own CLI waits on when an instance cannot be placed or restarts for ever: here that ends the wait.
 *
 * @throws RolloutFailed with the evidence; TandemError when somebody else changed the job; the signal's reason
 */
export async function watchRollout(submitted: Submitted, options: WatchOptions): Promise<void> {
  const watch = new Watch(submitted, options);
  for (;;) {
    const { isOver, seen } = await watch.look();
    if (isOver) return;
    await change(submitted, seen, options.signal);
  }
}

/** Returns when Nomad has news of the job's instances or deployments, or when it is time for the next look. */
async function change({ cloud, id }: Submitted, seen: Look['seen'], signal: AbortSignal): Promise<void> {
  const { jobs } = cloud.nomad;
  const over = new AbortController();
  const blocking = { signal: AbortSignal.any([signal, over.signal]), waitMs: lookEveryMs };
  try {
    await Promise.race([
      jobs.watchAllocations(id, { ...blocking, index: seen.allocations }),
      jobs.watchDeployments(id, { ...blocking, index: seen.deployments }),
    ]);
  } finally {
    over.abort();
  }
}

class Watch {
  readonly #submitted: Submitted;
  readonly #options: WatchOptions;
  readonly #checks: CheckMemory;
  readonly #startedAt = Date.now();
  readonly #restartsBefore = new Map<string, number>();
  /** The job has no room, and nobody is about to leave. */
  #noRoomSince: number | null = null;
  #bakedSince: number | null = null;

  constructor(submitted: Submitted, options: WatchOptions) {
    this.#submitted = submitted;
    this.#options = options;
    this.#checks = new CheckMemory(submitted.cloud.consul, submitted.services);
  }

  /** Looks once. Over: all is well. */
  async look(): Promise<{ isOver: boolean; seen: Look['seen'] }> {
    const look = await lookAt(this.#submitted, this.#options.signal);
    return { isOver: await this.#judge(look), seen: look.seen };
  }

  async #judge(look: Look): Promise<boolean> {
    const { signal, step } = this.#options;
    if (look.deployment?.Status === 'successful') return true;
    await this.#checks.observe(look.fresh, signal);
    await this.#options.veto?.();
    await this.#failWhereHopeless(look);
    if (look.deployment !== null && canariesWait(look.deployment)) await this.#bake(look, look.deployment);
    else step.update(rolloutWords(look, this.#startedAt));
    return look.deployment === null && this.#isSettled(look);
  }

  async #failWhereHopeless(look: Look): Promise<void> {
    const { cloud, id, deadlineMs } = this.#submitted;
    const { deployment, fresh } = look;
    if (deployment?.Status === 'cancelled') throw new TandemError([jobChangedMeanwhile(id, cloud.name)]);
    if (deployment?.Status === 'failed') {
      if (look.blocked !== null && fresh.length === 0) throw this.#unplaced(look.blocked, deployment);
      await this.#fail(look, worst, deployment.StatusDescription);
    }

    // Nomad itself would try other nodes until the deadline of the whole rollout.
    const ill = fresh.find(
      (each) => each.DesiredStatus === 'run' && each.DeploymentStatus?.Healthy === false,
    );
    if (ill !== undefined) await this.#fail(look, just(ill), 'it is not healthy in time');
    const crashed = fresh.find((each) => this.#hasCrashed(each));
    if (crashed !== undefined) await this.#fail(look, just(crashed), 'its process ends again and again');
    const refused = fresh.find(
      (each) => each.DesiredStatus === 'run' && this.#checks.refusedForMs(each) >= refusedGraceMs,
    );
    if (refused !== undefined)
      await this.#fail(look, just(refused), 'its health check asks for nothing that is there');

    if (look.blocked === null || (await this.#roomComes(look))) this.#noRoomSince = null;
    else {
      this.#noRoomSince ??= Date.now();
      // Nomad needs a moment to use room that is there, and what was looked at before that says nothing.
      if (look.begunAt - this.#noRoomSince >= placementGraceMs)
        throw this.#unplaced(look.blocked, deployment);
    }
    // A deployment of Nomad has a deadline of its own.
    if (deployment === null && Date.now() - this.#startedAt > deadlineMs) {
      if (fresh.length > 0) await this.#fail(look, worst, 'it is not healthy in time');
      throw new TandemError([rolloutStuck(id, cloud.name, Math.round(deadlineMs / 1000))]);
    }
  }

  /** What an instance on its way out still holds, a port or memory, is free in a moment, whose ever it is. */
  async #roomComes(look: Look): Promise<boolean> {
    const { signal, roomComes } = this.#options;
    if (look.old.some(isLeaving) || (await roomComes?.())) return true;
    const all = await this.#submitted.cloud.nomad.allocations.list({ signal });
    return all.some((each) => isThere(each) && isLeaving(each));
  }

  #unplaced(evaluation: Evaluation, deployment: Deployment | null): RolloutFailed {
    return new RolloutFailed(this.#submitted, { kind: 'placement', evaluation }, deployment);
  }

  /** Healthy canaries serve for a while; Nomad no longer watches them then, so that we do. */
  async #bake(look: Look, deployment: Deployment): Promise<void> {
    const { cloud, bakeMs, canaryPercent } = this.#submitted;
    const { signal, step } = this.#options;
    this.#bakedSince ??= Date.now();
    const relapsed = look.fresh.find((each) => this.#checks.isCritical(each));
    if (relapsed !== undefined) await this.#fail(look, just(relapsed), 'the canary fell ill while it served');
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

  /**
   * What a node says of its instances comes a moment after what the servers conclude from it, so that they are looked at
   * once more.
   */
  async #fail(look: Look, choose: Choice, description: string): Promise<never> {
    const { cloud, id, version } = this.#submitted;
    const latest = await cloud.nomad.jobs.allocations(id, { signal: this.#options.signal });
    const allocation = choose(latest.filter((each) => each.JobVersion === version)) ?? choose(look.fresh);
    const checks = this.#checks.of(allocation);
    throw new RolloutFailed(
      this.#submitted,
      { kind: 'instance', allocation, checks, description },
      look.deployment,
    );
  }
}

/** Which of the new instances is to blame. */
type Choice = (fresh: readonly Allocation[]) => Allocation | null;

const just =
  ({ ID }: Allocation): Choice =>
  (fresh) =>
    fresh.find((each) => each.ID === ID) ?? null;

async function lookAt(submitted: Submitted, signal: AbortSignal): Promise<Look> {
  const { cloud, id, version } = submitted;
  const { jobs } = cloud.nomad;
  const begunAt = Date.now();
  const [{ value: allocations, index: allocationsIndex }, evaluations] = await Promise.all([
    jobs.watchAllocations(id, { signal }),
    jobs.evaluations(id, { signal }),
  ]);
  // Asked last: Nomad writes a deployment with its first instances, and whoever has seen those must not miss it.
  const { value: deployments, index: deploymentsIndex } = await jobs.watchDeployments(id, { signal });
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
    begunAt,
    deployment,
    fresh: allocations.filter((each) => each.JobVersion === version),
    old: allocations.filter((each) => each.JobVersion !== version && isThere(each)),
    blocked: cause,
    // Zero would not wait.
    seen: { allocations: Math.max(1, allocationsIndex), deployments: Math.max(1, deploymentsIndex) },
  };
}

function isLeaving(allocation: Allocation): boolean {
  return allocation.DesiredStatus !== 'run';
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

/** The instance that says most about a failure; the least one that was placed just now and has not begun. */
function worst(allocations: readonly Allocation[]): Allocation | null {
  const rank = (each: Allocation) => {
    if (each.ClientStatus === 'failed') return 0;
    if (each.DeploymentStatus?.Healthy === false) return 1;
    if (each.DeploymentStatus?.Healthy === true) return 4;
    return each.ClientStatus === 'pending' ? 3 : 2;
  };
  return allocations.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}
