import { type Diagnostic, TandemError } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import type { Origins } from '../language/origins.ts';
import { blame } from './blame.ts';
import { blameRollout } from './blame-rollout.ts';
import { EdgeRefused } from './edge.ts';
import { JobRejected } from './submit.ts';
import { QueueRefused } from './topology.ts';
import { RolloutFailed } from './watch.ts';

/**
 * Why a deploy failed, at the line that caused it, with the evidence: the failing instance's last log lines and what its
 * checks said. Must be asked before anything is put back. What nobody expected is thrown on.
 */
export async function explain(error: unknown, model: Model, origins: Origins): Promise<Diagnostic[]> {
  if (error instanceof RolloutFailed) return blameRollout(error, model, origins);
  if (error instanceof JobRejected) {
    const { job, cloud, message } = error;
    return [blame({ kind: 'rejected', job, cloud, message }, model, origins)];
  }
  if (error instanceof EdgeRefused) {
    return [blame({ kind: 'nginx', cloud: error.cloud, ...error.refusal }, model, origins)];
  }
  if (error instanceof QueueRefused) {
    const { what, message, origin } = error;
    return [blame({ kind: 'queue', what, message, origin }, model, origins)];
  }
  if (error instanceof TandemError) return error.diagnostics;
  throw error;
}
