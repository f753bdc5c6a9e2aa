import { findInstance } from '../inspect/find.ts';
import type { Finding } from '../inspect/finding.ts';
import { type Diagnostic, TandemError } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import type { Origins } from '../language/origins.ts';
import { JobsRejected } from '../plan/rejection.ts';
import { blame } from './blame.ts';
import { EdgeRefused } from './edge.ts';
import { QueueRefused, QueuesHeld } from './topology.ts';
import { RolloutFailed } from './watch.ts';

/**
 * Why a deploy failed, at the line that caused it, with the evidence: the failing instance's last log lines and what its
 * checks said. Must be asked before anything is put back. What nobody expected is thrown on.
 */
export async function explain(error: unknown, model: Model, origins: Origins): Promise<Diagnostic[]> {
  if (error instanceof RolloutFailed) {
    return (await findingsOf(error)).map((finding) => blame(finding, model, origins));
  }
  if (error instanceof JobsRejected) {
    return error.rejections.map((each) => blame({ kind: 'rejected', ...each }, model, origins));
  }
  if (error instanceof EdgeRefused) {
    return [blame({ kind: 'nginx', cloud: error.cloud, ...error.refusal }, model, origins)];
  }
  if (error instanceof QueueRefused) {
    const { what, message, origin } = error;
    return [blame({ kind: 'queue', what, message, origin }, model, origins)];
  }
  if (error instanceof QueuesHeld) return [blame({ kind: 'alarm', ...error.alarm }, model, origins)];
  if (error instanceof TandemError) return error.diagnostics;
  throw error;
}

/** One for each group that could not be placed, else one for the instance. */
async function findingsOf({ submitted, failure }: RolloutFailed): Promise<Finding[]> {
  const { id: job, cloud } = submitted;
  if (failure.kind === 'placement') {
    const metrics = Object.values(failure.evaluation.FailedTGAllocs ?? {});
    return metrics.map((metric) => ({ kind: 'unplaced', job, cloud: cloud.name, metric }));
  }
  const { allocation, checks, description } = failure;
  const found =
    allocation === null ? null : await findInstance(cloud, allocation, { checks, rolledOut: true });
  const about = { job, cloud: cloud.name, instance: allocation?.ID ?? '', node: allocation?.NodeName ?? '' };
  return [found ?? { kind: 'unhealthy', ...about, log: [], checks, description }];
}
