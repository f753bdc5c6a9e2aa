import type { Rabbitmq } from '../cluster/rabbitmq.ts';
import type { Target, TargetCloud } from '../cluster/target.ts';
import type { Compiled, CompiledCloud } from '../compile/compiled.ts';
import type { Model } from '../language/model.ts';
import { planCalls, type TouchedCalls } from './calls-plan.ts';
import { type ConnectionsPlan, planConnections } from './connections.ts';
import { type EdgePlan, planEdge } from './edge-plan.ts';
import { type JobPlan, planJobs } from './job-plan.ts';
import { type MemoryPlan, planMemory } from './memory-plan.ts';
import type { RegisteredJobs } from './registered.ts';
import { planSecrets, type SecretPlan } from './secret-plan.ts';
import { planTopology, type TopologyPlan } from './topology-plan.ts';

/** What the releases say about what runs now. */
export interface Past {
  /**
   * What the last release deployed, to tell a change of the file from a change by hand; null: not known. Read when it is
   * asked for: a plan without changes does without.
   */
  last(): Promise<Compiled | null>;
  /** The last deploy was cut off: a rollout that still goes on is its, not the autoscaler's. */
  interrupted: boolean;
  /** Jobs as the last release left them, which need no dry run while nobody touches them. */
  registered: RegisteredJobs;
}

/** What an environment should run: the file's meaning and what it compiles to. */
export interface Wanted {
  model: Model;
  compiled: Compiled;
}

/** The difference between what is wanted and what runs now, over all layers of an environment. */
export interface Plan {
  environment: string;
  /** In rollout order. */
  clouds: CloudPlan[];
  topology: TopologyPlan;
  secrets: SecretPlan[];
  connections: ConnectionsPlan;
  /** Live calls that it touches, by job; null where nothing carries calls. */
  calls: TouchedCalls[] | null;
}

export interface CloudPlan {
  cloud: string;
  /** In start order; those that go are last. */
  jobs: JobPlan[];
  edge: EdgePlan;
  memory: MemoryPlan;
}

/**
 * Compares what is wanted with what runs. Only reads, and compares with the clusters themselves, not with an earlier
 * file: what was changed by hand shows up too.
 *
 * @throws ClusterError when a cluster does not answer; JobsRejected when it would not take a job
 */
export async function plan(
  wanted: Wanted,
  target: Target,
  past: Past = { last: async () => null, interrupted: false, registered: {} },
): Promise<Plan> {
  const { model, compiled } = wanted;
  const [clouds, secrets, topology] = await Promise.all([
    Promise.all(compiled.clouds.map((cloud) => planCloud(model, cloud, cloudOf(target, cloud.name), past))),
    planSecrets(model, target),
    brokerOf(target).then((rabbitmq) => planTopology(compiled.topology, rabbitmq)),
  ]);
  return {
    environment: compiled.environment,
    clouds,
    topology,
    secrets,
    connections: planConnections(model, clouds),
    calls: await planCalls(model, clouds, target),
  };
}

/** RabbitMQ, where it runs: nobody else can be asked for its queues. */
async function brokerOf({ clouds, rabbitmq }: Target): Promise<Rabbitmq | null> {
  if (rabbitmq === null) return null;
  const jobs = await Promise.all(clouds.map(({ nomad }) => nomad.jobs.get('rabbitmq')));
  return jobs.some((job) => job?.Status === 'running') ? rabbitmq : null;
}

/** Nothing to do: what runs is what is wanted. */
export function isEmpty(plan: Plan): boolean {
  return (
    plan.topology.changes.length === 0 &&
    plan.secrets.length === 0 &&
    plan.clouds.every(
      (cloud) => cloud.edge.changes.length === 0 && cloud.jobs.every((job) => job.action === 'none'),
    )
  );
}

async function planCloud(
  model: Model,
  compiled: CompiledCloud,
  cloud: TargetCloud,
  past: Past,
): Promise<CloudPlan> {
  const [jobs, edge, nodes] = await Promise.all([
    planJobs(model, compiled, cloud, past),
    planEdge(compiled.edgeTemplate, cloud.consul),
    cloud.nomad.nodes(),
  ]);
  return { cloud: cloud.name, jobs, edge, memory: planMemory(jobs, nodes) };
}

/** The clients of a cloud; compile and connect read the same model, so there is one for each. */
export function cloudOf(target: Target, name: string): TargetCloud {
  const cloud = target.clouds.find((each) => each.name === name);
  if (cloud === undefined) throw new Error(`no clients for the cloud "${name}"`);
  return cloud;
}
