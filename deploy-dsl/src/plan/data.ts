import type { Change } from './change.ts';
import type { JobPlan } from './job-plan.ts';
import { isEmpty, type Plan } from './plan.ts';
import { effectWords } from './words.ts';

/** A plan for programs: what `plan --json` prints. Secret values are masked as everywhere. */
export function planData(plan: Plan) {
  return {
    environment: plan.environment,
    changes: !isEmpty(plan),
    clouds: plan.clouds.map(({ cloud, jobs, edge, memory }) => ({
      name: cloud,
      jobs: jobs.map(jobData),
      routes: edge.changes.map(changeData),
      memoryMiB: memory,
    })),
    queues: plan.topology.changes.map(changeData),
    blockedQueues: plan.topology.blocked,
    fixedQueues: plan.topology.fixed.map(({ origin: _, ...each }) => each),
    secrets: plan.secrets,
    rabbitmqConnections: plan.connections,
    calls: plan.calls,
  };
}

function jobData(job: JobPlan) {
  return {
    job: job.id,
    service: job.service,
    action: job.action,
    changes: job.changes.map(changeData),
    changedByHand: job.drift,
    instances: job.instances,
    autoscaled: job.spec?.TaskGroups.some(({ Scaling }) => Scaling !== undefined) ?? false,
    effect: { ...job.effect, words: job.action === 'none' ? '' : effectWords(job) },
    fits: Object.keys(job.placementFailures).length === 0,
  };
}

function changeData({ what, before, after, words }: Change) {
  return { what, before, after, words };
}
