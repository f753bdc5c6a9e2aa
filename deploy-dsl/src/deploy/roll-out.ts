import type { Rabbitmq } from '../cluster/rabbitmq.ts';
import type { Target } from '../cluster/target.ts';
import type { Compiled } from '../compile/compiled.ts';
import type { JobPlan } from '../plan/job-plan.ts';
import { type CloudPlan, cloudOf, type Plan } from '../plan/plan.ts';
import { giversTo } from '../plan/port-handover.ts';
import type { Progress } from '../terminal/terminal.ts';
import { awaitEdges, publishTemplate, refuseRefused, servesAlready } from './edge.ts';
import { anyHasFormerInstance } from './former-instances.ts';
import type { Journal } from './journal.ts';
import { makeSecrets } from './make-secrets.ts';
import { inOrder } from './order.ts';
import { makeWay, removeJobs } from './remove-jobs.ts';
import { submit } from './submit.ts';
import { addTopology, removeTopology } from './topology.ts';
import { watchRollout } from './watch.ts';

export interface RollOut {
  plan: Plan;
  compiled: Compiled;
  target: Target;
  journal: Journal;
  progress: Progress;
  signal: AbortSignal;
  /** Between two looks at what says nothing by itself. */
  pollMs: number;
}

/** Rollouts under way at once in a cloud: each is asked about several times a second. */
const atOnce = 16;

/**
 * Everything of a plan, in an order in which no request meets something half done: secrets; RabbitMQ and what its queues
 * gain; then cloud by cloud the jobs by need, and the routes when what they lead to is healthy; at last, when no route
 * leads to them any more, what is to go.
 */
export async function rollOut(run: RollOut): Promise<void> {
  const { plan, target, progress, signal } = run;
  if (plan.secrets.length > 0) {
    const step = progress.step('secrets');
    await makeSecrets(plan.secrets, target);
    step.done(`${plan.secrets.length} ready`);
  }
  const queues = new Queues(run);
  for (const cloud of plan.clouds) {
    await rollCloud(run, cloud, queues);
    signal.throwIfAborted();
  }
  for (const { jobs } of plan.clouds) await removeJobs(run, jobs.filter(isRemoved));
  await queues.remove();
}

async function rollCloud(run: RollOut, cloud: CloudPlan, queues: Queues): Promise<void> {
  const clients = cloudOf(run.target, cloud.cloud);
  const suffix = run.plan.clouds.length > 1 ? ` (${cloud.cloud})` : '';
  const { before, after, changes } = cloud.edge;
  // An edge without a template that nginx takes never becomes healthy; where none is, nothing can break.
  const isFirst = before === null || (changes.length > 0 && !(await servesAlready(clients, run.signal)));
  if (isFirst) await publishTemplate(clients, cloud.edge, run.signal);
  const published = isFirst ? after : before;

  const jobs = cloud.jobs.filter((job) => job.action !== 'none' && job.action !== 'remove');
  // Their routes lead nowhere for a moment: two cannot have the same port.
  await removeJobs(run, jobs.flatMap((job) => giversTo(job, cloud.jobs)).filter(isRemoved));
  await makeWay(
    run,
    jobs.filter(({ makesWay }) => makesWay),
  );
  const siblings = new AbortController();
  const signal = AbortSignal.any([run.signal, siblings.signal]);
  await inOrder(
    jobs.map((job) => ({ id: job.id, needs: job.compiled?.needs ?? [], job })),
    atOnce,
    ({ job }) => {
      const givers = giversTo(job, cloud.jobs);
      return rollJob(run, job, { queues, published, givers, suffix, signal });
    },
    () => siblings.abort(new Error('another service failed')),
  );
  await queues.add();
  const isEdgeNew = jobs.some(({ id }) => id === 'edge');
  if (changes.length > 0 || isEdgeNew) await rollRoutes(run, cloud, isFirst, suffix);
}

async function rollRoutes(
  run: RollOut,
  cloud: CloudPlan,
  isPublished: boolean,
  suffix: string,
): Promise<void> {
  const clients = cloudOf(run.target, cloud.cloud);
  const { changes, before, after } = cloud.edge;
  const step = run.progress.step(`routes${suffix}`);
  try {
    if (changes.length > 0 && !isPublished) await publishTemplate(clients, cloud.edge, run.signal);
    const hasEdge = cloud.jobs.some(({ id, action }) => id === 'edge' && action !== 'remove');
    if (hasEdge) await awaitEdges(clients, after, { step, signal: run.signal, pollMs: run.pollMs });
    step.done(before === null ? 'live' : changes.map(({ words }) => words).join(', ') || 'as before');
  } catch (error) {
    step.fail();
    throw error;
  }
}

interface Circumstances {
  queues: Queues;
  /** The edge's template that is in Consul now. */
  published: string;
  /** Jobs that give up ports which this one takes. */
  givers: readonly JobPlan[];
  suffix: string;
  signal: AbortSignal;
}

async function rollJob(
  run: RollOut,
  job: JobPlan,
  { queues, published, givers, suffix, signal }: Circumstances,
): Promise<void> {
  if (job.spec === null) return;
  const cloud = cloudOf(run.target, job.cloud);
  // Its queues are there before it asks for them.
  if (job.kind === 'service' && job.compiled?.needs.includes('rabbitmq')) await queues.add();
  const step = run.progress.step(job.id + suffix);
  try {
    run.journal.begin(job);
    const { submitted, index } = await submit(job, job.spec, cloud, run.journal.indexOf(job) ?? job.index);
    performance.mark(`submitted ${job.id}`);
    run.journal.register(job, index);
    const veto = job.id === 'edge' ? () => refuseRefused(cloud, published, signal) : undefined;
    const roomComes = () => anyHasFormerInstance(cloud, givers, signal);
    await watchRollout(submitted, { step, signal, veto, roomComes });
    run.journal.end(job);
    performance.mark(`healthy ${job.id}`);
    step.done(endWords(job));
  } catch (error) {
    if (signal.aborted) step.skip('left to Nomad');
    else step.fail();
    throw error;
  }
}

const isRemoved = ({ action }: JobPlan): boolean => action === 'remove';

function endWords(job: JobPlan): string {
  const { after } = job.instances;
  const instances = after === 1 ? '1 instance' : `${after} instances`;
  return job.spec?.Type === 'system' ? 'healthy' : `${instances} healthy`;
}

/** The queues' share of a rollout: once RabbitMQ runs, and before the first service that uses them. */
class Queues {
  readonly #run: RollOut;
  #added: Promise<void> | null = null;

  constructor(run: RollOut) {
    this.#run = run;
  }

  async add(): Promise<void> {
    this.#added ??= this.#add();
    return this.#added;
  }

  async #add(): Promise<void> {
    const { plan, progress, signal } = this.#run;
    const { add } = plan.topology;
    const rabbitmq = this.#rabbitmq();
    const count = add.exchanges.length + add.queues.length + add.bindings.length;
    if (rabbitmq === null || count === 0) return;
    const step = progress.step('queues');
    try {
      await addTopology(plan.topology, rabbitmq, signal);
      step.done(`${add.queues.length} declared`);
    } catch (error) {
      step.fail();
      throw error;
    }
  }

  async remove(): Promise<void> {
    const { plan, progress, signal, pollMs } = this.#run;
    const { exchanges, queues, bindings } = plan.topology.remove;
    const rabbitmq = this.#rabbitmq();
    if (rabbitmq === null || exchanges.length + queues.length + bindings.length === 0) return;
    const step = progress.step('former queues');
    try {
      const kept = await removeTopology(plan.topology, rabbitmq, { signal, pollMs, patienceMs: 30_000 });
      step.done(kept.length === 0 ? 'removed' : `still in use, left for the next deploy: ${kept.join(', ')}`);
    } catch (error) {
      step.fail();
      throw error;
    }
  }

  #rabbitmq(): Rabbitmq | null {
    return this.#run.target.rabbitmq;
  }
}
