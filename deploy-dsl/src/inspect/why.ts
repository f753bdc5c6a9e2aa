import type { TargetCloud } from '../cluster/target.ts';
import { blame } from '../deploy/blame.ts';
import { placementWords } from '../deploy/blame-placement.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import type { Origins } from '../language/origins.ts';
import { edgesOf } from './edge-outcome.ts';
import { findInstance } from './find.ts';

/** Why a service is (not) placed, healthy and routed in one cloud. */
export interface Why {
  cloud: string;
  /** Facts in order: job, deployment, placement, each instance with its last events and checks, edges. */
  facts: string[];
  problems: Diagnostic[];
}

export async function whyIn(
  cloud: TargetCloud,
  service: string,
  model: Model,
  origins: Origins,
  signal: AbortSignal,
): Promise<Why> {
  const { jobs } = cloud.nomad;
  const live = await jobs.get(service, { signal });
  if (live === null || live.Stop) {
    const words = live === null ? 'it is not deployed' : 'it was stopped';
    return { cloud: cloud.name, facts: [`${words}: ./tandem deploy starts it`], problems: [] };
  }
  const [allocations, evaluations, deployment, entries, edges] = await Promise.all([
    jobs.allocations(service, { signal }),
    jobs.evaluations(service, { signal }),
    jobs.latestDeployment(service, { signal }),
    cloud.consul.health(service, { signal }),
    edgesOf(cloud.nomad, { signal }),
  ]);
  const count = live.TaskGroups.reduce((sum, group) => sum + group.Count, 0);
  const facts = [`job: version ${live.Version}, ${live.Status}, ${count} instances wanted`];
  const problems: Diagnostic[] = [];
  if (deployment !== null) facts.push(`deployment: ${deployment.Status}, ${deployment.StatusDescription}`);

  const blocked = evaluations.find(({ Status }) => Status === 'blocked');
  for (const metric of Object.values(blocked?.FailedTGAllocs ?? {})) {
    facts.push(...placementWords(metric).map((line) => `placement: ${line}`));
    problems.push(blame({ kind: 'unplaced', job: service, cloud: cloud.name, metric }, model, origins));
  }
  for (const allocation of allocations.filter(({ DesiredStatus }) => DesiredStatus === 'run')) {
    if ((allocation.NextAllocation ?? '') !== '') continue;
    facts.push(`instance ${allocation.ID.slice(0, 8)} on ${allocation.NodeName}: ${allocation.ClientStatus}`);
    for (const [task, state] of Object.entries(allocation.TaskStates ?? {})) {
      const events = (state.Events ?? []).slice(-4);
      facts.push(
        ...events.map((event) => `  ${task}: ${event.Type}: ${event.DisplayMessage.split('\n')[0]}`),
      );
    }
    const own = entries.find((entry) => entry.Service.ID.includes(allocation.ID));
    facts.push(
      own === undefined
        ? '  Consul: not registered'
        : `  Consul: ${own.Service.Address}:${own.Service.Port} ${(own.Service.Tags ?? []).join(',')}`,
    );
    const checks = own?.Checks.filter(({ ServiceID }) => ServiceID !== '') ?? [];
    facts.push(
      ...checks.map(
        (check) => `  check ${check.Name}: ${check.Status} ${check.Output.trim().split('\n')[0]}`,
      ),
    );
    const finding = await findInstance(cloud, allocation, { signal });
    if (finding !== null) problems.push(blame(finding, model, origins));
  }
  const routes = model.services[service]?.routes.map(({ path }) => path) ?? [];
  facts.push(
    routes.length === 0 ? 'routes: none, it is not reached from outside' : `routes: ${routes.join(', ')}`,
  );
  for (const edge of routes.length === 0 ? [] : edges) {
    const { outcome } = edge;
    const words =
      outcome === null
        ? 'has no routes yet'
        : outcome.ok
          ? `has the routes (${outcome.template})`
          : 'refused the routes';
    facts.push(`  edge on ${edge.node}: ${edge.running ? words : 'does not run'}`);
    if (outcome?.ok === false)
      problems.push(blame({ kind: 'nginx', cloud: cloud.name, ...outcome }, model, origins));
  }
  return { cloud: cloud.name, facts, problems };
}
