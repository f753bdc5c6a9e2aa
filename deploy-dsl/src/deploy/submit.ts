import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { isConflict } from '../cluster/cluster-error.ts';
import type { LiveJob } from '../cluster/nomad/job.ts';
import type { NomadJob } from '../cluster/nomad-job.ts';
import { nullable } from '../cluster/shapes.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { TandemError } from '../language/diagnostic.ts';
import { jobChangedMeanwhile } from '../language/errors/deploy.ts';
import { countOf, type JobPlan } from '../plan/job-plan.ts';
import { isRejection, JobsRejected } from '../plan/rejection.ts';
import type { Submitted } from './watch.ts';

/** Used for jobs that say nothing about it themselves. */
const usualDeadlineMs = 120_000;

/** A job that Nomad has as planned. */
export interface Registration {
  submitted: Submitted;
  /** Its JobModifyIndex since then. */
  index: number;
}

/**
 * Registers the job, but only if it still is what the plan saw. A rollout that an interrupted deploy left under way is
 * not registered again.
 *
 * @param before JobModifyIndex that the job has now, as far as the deploy knows
 * @throws TandemError when somebody changed the job meanwhile; JobsRejected when Nomad refuses it
 */
export async function submit(
  job: JobPlan,
  spec: NomadJob,
  cloud: TargetCloud,
  before: number,
): Promise<Registration> {
  let index = before;
  if (job.action !== 'resume') {
    try {
      index = (await cloud.nomad.jobs.register(spec, { enforceIndex: index })).JobModifyIndex;
    } catch (error) {
      if (isConflict(error)) throw new TandemError([jobChangedMeanwhile(job.id, cloud.name)]);
      if (isRejection(error)) {
        throw new JobsRejected([{ job: job.id, cloud: cloud.name, message: error.reply }]);
      }
      throw error;
    }
  }
  const live = await cloud.nomad.jobs.get(job.id);
  if (live === null) throw new TandemError([jobChangedMeanwhile(job.id, cloud.name)]);
  const canaryPercent = job.update?.canaryPercent ?? null;
  const bakeMs = job.update?.bakeMs ?? 0;
  return { submitted: { ...following(spec, live, cloud), canaryPercent, bakeMs }, index };
}

/** How to follow a job whose live version is this, without a bake. */
export function following(spec: NomadJob | LiveJob, live: LiveJob, cloud: TargetCloud): Submitted {
  return {
    cloud,
    id: live.ID,
    version: live.Version,
    services: servicesOf(spec),
    count: spec.Type === 'system' ? null : countOf(spec),
    canaryPercent: null,
    bakeMs: 0,
    deadlineMs: deadlineOf(spec),
  };
}

/** A live job has its update policy in its groups, and an empty one of its own. */
function deadlineOf(spec: object): number {
  const deadlines = Value.Check(WithUpdates, spec)
    ? [spec.Update, ...spec.TaskGroups.map(({ Update }) => Update)].map(
        (update) => update?.HealthyDeadline ?? 0,
      )
    : [];
  return Math.max(...deadlines, 0) / 1e6 || usualDeadlineMs;
}

function servicesOf(spec: object): string[] {
  if (!Value.Check(WithServices, spec)) return [];
  return spec.TaskGroups.flatMap(({ Services }) => (Services ?? []).map(({ Name }) => Name));
}

const Update = Type.Optional(nullable(Type.Object({ HealthyDeadline: Type.Number() })));
const WithUpdates = Type.Object({ Update, TaskGroups: Type.Array(Type.Object({ Update })) });
const Services = Type.Optional(nullable(Type.Array(Type.Object({ Name: Type.String() }))));
const WithServices = Type.Object({ TaskGroups: Type.Array(Type.Object({ Services })) });
