import {
  type CallServer,
  type Calls,
  countCalls,
  mayCarryCalls,
  readCallServers,
} from '../cluster/call-servers.ts';
import type { Target, TargetCloud } from '../cluster/target.ts';
import type { Model, Service } from '../language/model.ts';
import type { JobPlan } from './job-plan.ts';
import type { CloudPlan } from './plan.ts';

/** Live calls that a job's change is felt in. */
export interface TouchedCalls {
  cloud: string;
  job: string;
  /**
   * `move`: to another media server, or to the one that takes its place. `resume`: their WebSockets are opened anew. `end`:
   * there is no media server any more.
   */
  how: 'move' | 'resume' | 'end';
  calls: number;
  people: number;
  /** Only some instances stop, and Nomad has not said yet which: it may be fewer. */
  atMost: boolean;
}

/**
 * The live calls that the changes of a plan touch, asked of the media servers themselves.
 *
 * @returns null where the file runs nothing that carries calls; jobs that touch none are left out
 * @throws ClusterError when Consul does not answer; a media server that does not answer counts as carrying nothing
 */
export async function planCalls(
  model: Model,
  clouds: readonly Pick<CloudPlan, 'cloud' | 'jobs'>[],
  target: Target,
): Promise<TouchedCalls[] | null> {
  const carriers = Object.values(model.services).filter(mayCarryCalls);
  const touching = clouds.flatMap(({ cloud, jobs }) => {
    const clients = target.clouds.filter(({ name }) => name === cloud);
    return jobs.filter(stopsInstances).map((job) => planJob(model, job, carriers, clients));
  });
  const touched = (await Promise.all(touching)).filter((each) => each !== null && each.calls > 0);
  return carriers.length === 0 && touched.length === 0 ? null : touched.filter((each) => each !== null);
}

async function planJob(
  model: Model,
  job: JobPlan,
  carriers: readonly Service[],
  clouds: readonly TargetCloud[],
): Promise<TouchedCalls | null> {
  const service = model.services[job.id];
  const { cloud, id } = job;
  // Of what is in the file no more only its instances can say what they are.
  if (service === undefined || mayCarryCalls(service)) {
    const servers = await serversOf([id], clouds);
    const stopped = stoppedBy(job);
    const found = countCalls(busiest(servers, stopped));
    const how = job.instances.after === 0 ? 'end' : 'move';
    return { cloud, job: id, how, ...found, atMost: stopped < servers.length };
  }
  const leadsTo = carriers.filter(({ name }) => service.calls.includes(name)).map(({ name }) => name);
  if (leadsTo.length === 0 || !service.routes.some(({ websocket }) => websocket)) return null;
  const stopped = stoppedBy(job);
  const found = countCalls(await serversOf(leadsTo, clouds));
  return { cloud, job: id, how: 'resume', ...found, atMost: stopped < job.instances.before };
}

async function serversOf(services: readonly string[], clouds: readonly TargetCloud[]): Promise<CallServer[]> {
  const { signal } = new AbortController();
  const found = await Promise.all(services.map((service) => readCallServers(service, clouds, signal)));
  return found.flat();
}

const busiest = (servers: readonly CallServer[], count: number): Pick<Calls, 'calls'>[] =>
  servers.toSorted((a, b) => countCalls([b]).people - countCalls([a]).people).slice(0, count);

const stopsInstances = (job: JobPlan): boolean => job.kind === 'service' && stoppedBy(job) > 0;

/** An interrupted rollout that goes on, and one that is tried again, may stop whatever is left. */
const stoppedBy = ({ action, effect, instances }: JobPlan): number =>
  action === 'resume' || action === 'retry' ? instances.before : effect.restarted + effect.stopped;
