import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetCloud } from '../cluster/target.ts';
import { edgeTemplateKey } from '../compile/assumptions.ts';
import { type Edge, type EdgeOutcome, edgesOf } from '../inspect/edge-outcome.ts';
import { TandemError } from '../language/diagnostic.ts';
import { edgeSilent, jobChangedMeanwhile } from '../language/errors/deploy.ts';
import type { EdgePlan } from '../plan/edge-plan.ts';
import type { Step } from '../terminal/terminal.ts';

/** An edge refused the template; it serves on by the one before. */
export class EdgeRefused extends Error {
  readonly cloud: string;
  readonly refusal: Extract<EdgeOutcome, { ok: false }>;

  constructor(cloud: string, refusal: Extract<EdgeOutcome, { ok: false }>) {
    super(refusal.error);
    this.name = 'EdgeRefused';
    this.cloud = cloud;
    this.refusal = refusal;
  }
}

/** Consul, Nomad, consul-template and nginx follow each other within a second; a busy machine takes longer. */
const patienceMs = 60_000;

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

/** Puts the template back that was there before, if the one that this deploy published is there. */
export async function restoreTemplate(cloud: TargetCloud, edge: EdgePlan): Promise<void> {
  const live = await cloud.consul.get(edgeTemplateKey);
  if (live?.Value !== edge.after || edge.before === null) return;
  await cloud.consul.put(edgeTemplateKey, edge.before, { cas: live.ModifyIndex });
}

/**
 * Waits until every edge of a cloud serves by the template.
 *
 * @throws EdgeRefused; TandemError when an edge does not say anything in time
 */
export async function awaitEdges(
  cloud: TargetCloud,
  template: string,
  options: { step: Step; signal: AbortSignal; pollMs: number },
): Promise<void> {
  const digest = digestOf(template);
  const end = Date.now() + patienceMs;
  for (;;) {
    const edges = await acceptingEdges(cloud, digest, options.signal);
    const behind = edges.filter((edge) => !(edge.outcome?.ok === true && edge.outcome.template === digest));
    if (edges.length > 0 && behind.length === 0) return;
    if (Date.now() > end)
      throw new TandemError([edgeSilent(cloud.name, behind.map(edgeWords), patienceMs / 1000)]);
    options.step.update(`${edges.length - behind.length} of ${edges.length} edges have them`);
    await sleep(options.pollMs, undefined, { signal: options.signal });
  }
}

/**
 * Looks once whether an edge has refused the template. An edge whose first one is refused never becomes healthy, and
 * its check says only that it is starting.
 *
 * @throws EdgeRefused
 */
export async function refuseRefused(
  cloud: TargetCloud,
  template: string,
  signal: AbortSignal,
): Promise<void> {
  await acceptingEdges(cloud, digestOf(template), signal);
}

/** Some edge serves requests: another template could break something. */
export async function servesAlready(cloud: TargetCloud, signal: AbortSignal): Promise<boolean> {
  const edges = await cloud.consul.health('edge', { signal });
  return edges.some(({ Checks }) => Checks.every(({ Status }) => Status === 'passing'));
}

async function acceptingEdges(cloud: TargetCloud, digest: string, signal: AbortSignal): Promise<Edge[]> {
  const edges = await edgesOf(cloud.nomad, { signal });
  for (const { outcome } of edges) {
    if (outcome?.ok === false && outcome.template === digest) throw new EdgeRefused(cloud.name, outcome);
  }
  return edges;
}

/** The compiler writes the digest of a template into its head; the edges report it. */
export function digestOf(template: string): string {
  return /^# template: (.+)$/m.exec(template)?.[1]?.trim() ?? '';
}

function edgeWords({ instance, node, running, outcome }: Edge): string {
  const has = outcome === null ? 'has said nothing yet' : `still has ${outcome.template}`;
  return `${instance.slice(0, 8)} on ${node} ${running ? has : 'does not run'}`;
}
