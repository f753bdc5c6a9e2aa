import { ClusterError } from '../cluster/cluster-error.ts';
import { findInstance } from '../inspect/find.ts';
import type { Finding } from '../inspect/finding.ts';
import { type Diagnostic, TandemError } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import type { Origins } from '../language/origins.ts';
import { blame } from './blame.ts';
import { JobRejected } from './submit.ts';
import { RolloutFailed } from './watch.ts';

/**
 * Why a deploy failed, at the line that caused it, with the evidence: the failing instance's last log lines and what its
 * checks said. Must be asked before anything is put back.
 */
export async function explain(error: unknown, model: Model, origins: Origins): Promise<Diagnostic[]> {
  if (error instanceof RolloutFailed) {
    const findings = await findingsOf(error);
    return findings.map((finding) => blame(finding, model, origins));
  }
  if (error instanceof JobRejected) {
    const { job, cloud, message } = error;
    return [blame({ kind: 'rejected', job, cloud, message }, model, origins)];
  }
  if (error instanceof TandemError || error instanceof ClusterError) return error.diagnostics;
  throw error;
}

async function findingsOf({ submitted, failure }: RolloutFailed): Promise<Finding[]> {
  const { id: job, cloud } = submitted;
  if (failure.kind === 'placement') {
    const metrics = Object.values(failure.evaluation.FailedTGAllocs ?? {});
    return metrics.map((metric) => ({ kind: 'unplaced', job, cloud: cloud.name, metric }));
  }
  const { allocation, checks, description } = failure;
  const found = allocation === null ? null : await findInstance(cloud, allocation, { checks });
  return [
    found ?? {
      kind: 'unhealthy',
      job,
      cloud: cloud.name,
      instance: allocation?.ID ?? '',
      node: allocation?.NodeName ?? '',
      log: [],
      checks,
      description,
    },
  ];
}
