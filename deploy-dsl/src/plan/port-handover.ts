import type { LiveJob } from '../cluster/nomad/job.ts';
import type { JobPlan } from './job-plan.ts';

/** Fixed ports that go from one job to another within a deploy. */

/** Jobs of the same cloud whose change gives up a fixed port that this one newly takes. */
export function giversTo(job: JobPlan, jobs: readonly JobPlan[]): JobPlan[] {
  if (job.spec === null) return [];
  const before = portsBefore(job);
  const taken = new Set(portsOf(job.spec).filter((port) => !before.includes(port)));
  return jobs.filter((other) => other !== job && givenUp(other).some((port) => taken.has(port)));
}

/**
 * Jobs that have to stop before anything else, because a deploy would wait for itself: Nomad stops an instance only when the
 * new one is placed, and that one has no room before another job gives up its port, which in turn waits for a port of this
 * one, or needs it. Of those that could, the last one in start order stops: fewer others need it.
 *
 * @param jobs of a cloud, in start order
 */
export function thoseMakingWay(jobs: readonly JobPlan[]): Set<JobPlan> {
  const changed = jobs.filter(({ action }) => action !== 'none' && action !== 'remove');
  const away = new Set<JobPlan>();
  // What fits beside the others, on another machine, waits for nobody's port.
  const isStuck = ({ placementFailures }: JobPlan) => Object.keys(placementFailures).length > 0;
  const portsFrom = (job: JobPlan) =>
    isStuck(job) ? giversTo(job, changed).filter((giver) => !away.has(giver)) : [];
  const waitsFor = (job: JobPlan) => [
    ...portsFrom(job),
    ...changed.filter(({ id }) => job.compiled?.needs.includes(id)),
  ];
  const reaches = (from: JobPlan, to: JobPlan, seen = new Set<JobPlan>()): boolean =>
    waitsFor(from).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      return reaches(next, to, seen.add(next));
    });
  for (const giver of changed.toReversed()) {
    const takers = changed.filter((taker) => portsFrom(taker).includes(giver));
    if (takers.some((taker) => reaches(giver, taker))) away.add(giver);
  }
  return away;
}

function givenUp(job: JobPlan): number[] {
  if (job.action === 'none') return [];
  const after = new Set(job.spec === null ? [] : portsOf(job.spec));
  return portsBefore(job).filter((port) => !after.has(port));
}

const portsBefore = ({ live }: JobPlan): number[] => (live === null || live.Stop ? [] : portsOf(live));

function portsOf({
  TaskGroups,
}: {
  TaskGroups: Pick<LiveJob['TaskGroups'][number], 'Networks'>[];
}): number[] {
  const networks = TaskGroups.flatMap(({ Networks }) => Networks ?? []);
  return networks.flatMap(({ ReservedPorts }) => (ReservedPorts ?? []).map(({ Value }) => Value));
}
