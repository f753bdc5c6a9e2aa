import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveJob } from '../cluster/nomad/job.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { following } from '../deploy/submit.ts';
import { watchRollout } from '../deploy/watch.ts';
import { edgesOf } from '../inspect/edge-outcome.ts';
import { viewEdges } from '../inspect/why-routes.ts';
import type { Step } from '../terminal/terminal.ts';
import type { Place } from './live-redis.ts';

const pollMs = 200;
/** The edges follow Consul within a second or two. */
const edgesMs = 30_000;

/** The job of a service if it runs; null where it was never deployed, or is stopped. */
export async function runningJob({ service, cloud }: Place, signal: AbortSignal): Promise<LiveJob | null> {
  const live = await cloud.nomad.jobs.get(service, { signal });
  return live === null || live.Stop === true ? null : live;
}

/** Stops a service and waits until its last instance has ended: nobody writes any more. */
export async function stopService(
  { service, cloud }: Place,
  { step, signal }: { step: Step; signal: AbortSignal },
): Promise<void> {
  await cloud.nomad.jobs.deregister(service, { signal });
  step.update(`waiting for the instances of ${service} to end`);
  for (;;) {
    const instances = await cloud.nomad.jobs.allocations(service, { signal });
    if (instances.every(({ ClientStatus }) => ClientStatus !== 'running' && ClientStatus !== 'pending'))
      return;
    await sleep(pollMs, undefined, { signal });
  }
}

/**
 * Starts a service that was stopped, as it ran before, and waits until its instances are healthy and every edge of the
 * cloud sends its requests to them, and to no other.
 *
 * @param options.routed edges send requests to it
 * @throws RolloutFailed when it does not become healthy
 */
export async function startService(
  { service, cloud }: Place,
  { routed, step, signal }: { routed: boolean; step: Step; signal: AbortSignal },
): Promise<void> {
  const stopped = await cloud.nomad.jobs.get(service, { signal });
  // Nomad forgets a stopped job after hours; a deploy brings it back.
  if (stopped === null) return;
  await cloud.nomad.jobs.register({ ...stopped, Stop: false }, { signal });
  const live = await cloud.nomad.jobs.get(service, { signal });
  if (live === null) return;
  await watchRollout(following(live, live, cloud), { step, signal });
  if (!routed) return;
  step.update('waiting for the edges');
  const end = Date.now() + edgesMs;
  while (!(await areRouted(cloud, service, signal)) && Date.now() < end) {
    await sleep(pollMs, undefined, { signal });
  }
}

async function areRouted(cloud: TargetCloud, service: string, signal: AbortSignal): Promise<boolean> {
  const [edges, here] = await Promise.all([
    edgesOf(cloud.nomad, { signal }),
    cloud.consul.health(service, { signal }),
  ]);
  const views = await viewEdges(cloud, edges, service, { here, elsewhere: [] }, { signal });
  return views.every(({ missing, stale }) => missing.length + stale.length === 0);
}
