import { isConflict } from '../cluster/cluster-error.ts';
import { isDeploymentOver } from '../cluster/nomad/deployment.ts';
import type { LiveJob } from '../cluster/nomad/job.ts';
import type { Target, TargetCloud } from '../cluster/target.ts';
import { explain } from '../deploy/explain.ts';
import { Lock } from '../deploy/lock.ts';
import { following } from '../deploy/submit.ts';
import { watchRollout } from '../deploy/watch.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { changedMeanwhile, cloudUnknown, notDeployed, rolloutUnderWay } from '../language/errors/service.ts';
import type { Model } from '../language/model.ts';
import type { Origins } from '../language/origins.ts';
import { isRejection, JobsRejected } from '../plan/rejection.ts';
import type { Progress } from '../terminal/terminal.ts';

/** What every command that changes a running service works with. */
export interface Operation {
  service: string;
  /** Clouds to change, in rollout order. */
  clouds: TargetCloud[];
  target: Target;
  model: Model;
  origins: Origins;
  who: string;
  progress: Progress;
  signal: AbortSignal;
}

/** The clouds that a service runs in, or the one of this name. @throws TandemError (exit 2) */
export function cloudsOf(model: Model, target: Target, service: string, only: string | null): TargetCloud[] {
  const instances = model.services[service]?.instances ?? {};
  const clouds = target.clouds.filter(({ name }) => (instances[name]?.max ?? 0) > 0);
  if (only === null) return clouds;
  const chosen = clouds.filter(({ name }) => name === only);
  if (chosen.length > 0) return chosen;
  const names = clouds.map(({ name }) => name);
  throw new TandemError([cloudUnknown(only, `"${service}"`, names)], exitCodes.badInput);
}

/** The job as it runs. @throws TandemError when it does not */
export async function liveJob(cloud: TargetCloud, service: string, signal: AbortSignal): Promise<LiveJob> {
  const live = await cloud.nomad.jobs.get(service, { signal });
  if (live === null || live.Stop) {
    throw new TandemError([notDeployed(service, [cloud.name], live?.Stop === true)]);
  }
  return live;
}

/**
 * An interrupted deploy leaves its rollout to Nomad; a further version would break it off half way.
 * @throws TandemError while one is under way
 */
export async function requireSettled(cloud: TargetCloud, live: LiveJob, signal: AbortSignal): Promise<void> {
  const deployment = await cloud.nomad.jobs.latestDeployment(live.ID, { signal });
  if (deployment === null || deployment.JobVersion !== live.Version || isDeploymentOver(deployment)) return;
  throw new TandemError([rolloutUnderWay(live.ID, cloud.name)]);
}

/** Does something while no deploy of the environment can run. */
export async function locked<T>(operation: Operation, doing: string, act: () => Promise<T>): Promise<T> {
  const lock = await Lock.acquire(operation.target, { who: operation.who, doing });
  try {
    return await act();
  } finally {
    await lock.release();
  }
}

/**
 * Registers a changed job cloud by cloud and waits until all its instances are healthy.
 *
 * @param change makes the job that is wanted from the one that runs
 * @throws TandemError that says why an instance did not become healthy
 */
export async function rollJobs(operation: Operation, change: (live: LiveJob) => LiveJob): Promise<void> {
  const { service, clouds, progress, signal, model, origins } = operation;
  for (const cloud of clouds) {
    const step = progress.step(clouds.length > 1 ? `${service} (${cloud.name})` : service);
    try {
      const live = await liveJob(cloud, service, signal);
      await requireSettled(cloud, live, signal);
      const wanted = change(live);
      await cloud.nomad.jobs.register(wanted, { enforceIndex: live.JobModifyIndex, signal });
      const now = await liveJob(cloud, service, signal);
      // A live job says its deadlines per group, in another place than a compiled one.
      const deadlineMs = model.services[service]?.update.deadlineMs ?? 120_000;
      await watchRollout({ ...following(wanted, now, cloud), deadlineMs }, { step, signal });
      step.done('healthy');
    } catch (error) {
      step.fail();
      signal.throwIfAborted();
      if (isConflict(error)) throw new TandemError([changedMeanwhile(`"${service}"`, cloud.name)]);
      const rejected = isRejection(error)
        ? new JobsRejected([{ job: service, cloud: cloud.name, message: error.reply }])
        : error;
      throw new TandemError(await explain(rejected, model, origins));
    }
  }
}

/**
 * The job with the mark of one more rollout: new instances take over before the old ones leave, so that no request is
 * lost, not even with one instance. Restarting instances in place would leave a gap.
 */
export function restarted(live: LiveJob): LiveJob {
  const attempt = Number(live.Meta?.tandem_attempt ?? '1') + 1;
  return { ...live, Meta: { ...live.Meta, tandem_attempt: String(attempt) } };
}

/** The job with another count. Nomad takes none outside of the autoscaler's limits: they give way, until the next deploy. */
export function scaled(live: LiveJob, count: number): LiveJob {
  return {
    ...live,
    TaskGroups: live.TaskGroups.map((group) => ({
      ...group,
      Count: count,
      ...(group.Scaling == null
        ? {}
        : {
            Scaling: {
              ...group.Scaling,
              Min: Math.min(group.Scaling.Min, count),
              Max: Math.max(group.Scaling.Max, count),
            },
          }),
    })),
  };
}
