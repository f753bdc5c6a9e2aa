import { findInstance } from '../inspect/find.ts';
import type { Finding } from '../inspect/finding.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import type { Origins } from '../language/origins.ts';
import { blame } from './blame.ts';
import type { RolloutFailed } from './watch.ts';

/** Why a rollout failed, pointed at the line that caused it: one diagnostic per group that could not be placed, else one. */
export async function blameRollout(
  failed: RolloutFailed,
  model: Model,
  origins: Origins,
  signal?: AbortSignal,
): Promise<Diagnostic[]> {
  const findings = await findingsOf(failed, signal);
  return findings.map((finding) => blame(finding, model, origins));
}

async function findingsOf({ submitted, failure }: RolloutFailed, signal?: AbortSignal): Promise<Finding[]> {
  const { cloud, id: job } = submitted;
  if (failure.kind === 'placement') {
    const metrics = Object.values(failure.evaluation.FailedTGAllocs ?? {});
    return metrics.map((metric) => ({ kind: 'unplaced', job, cloud: cloud.name, metric }));
  }
  const { allocation, checks, description } = failure;
  if (allocation === null) {
    const nobody = { instance: '', node: '', log: [], checks };
    return [{ kind: 'unhealthy', job, cloud: cloud.name, description, ...nobody }];
  }
  const found = await findInstance(cloud, allocation, { signal, checks });
  const about = { job, cloud: cloud.name, instance: allocation.ID, node: allocation.NodeName, log: [] };
  return [found ?? { kind: 'unhealthy', ...about, checks, description }];
}
