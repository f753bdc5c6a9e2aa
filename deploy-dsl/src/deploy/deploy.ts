import { ClusterError } from '../cluster/cluster-error.ts';
import type { Target } from '../cluster/target.ts';
import { type Diagnostic, TandemError } from '../language/diagnostic.ts';
import { cutOff, interrupted, leftAsIs, putBack as putBackNote } from '../language/errors/deploy.ts';
import type { Origins } from '../language/origins.ts';
import { isEmpty, type Past, type Plan, plan, type Wanted } from '../plan/plan.ts';
import { nameIn, type RegisteredJobs, registered } from '../plan/registered.ts';
import { summaryOf } from '../plan/words.ts';
import type { Progress } from '../terminal/terminal.ts';
import { commitOf } from './author.ts';
import { buildsOf, pruneUnusedBuilds } from './builds-in-use.ts';
import { explain } from './explain.ts';
import { guard } from './guard.ts';
import { historyOf, pastOf } from './history.ts';
import { Journal, namesOf } from './journal.ts';
import { Lock } from './lock.ts';
import { putBack } from './put-back.ts';
import type { ReleaseRecord, ReleaseSet } from './release.ts';
import { Releases } from './releases.ts';
import { type RollOut, rollOut } from './roll-out.ts';
import { RolloutFailed } from './watch.ts';

export interface DeployRequest {
  /** What to deploy: the file as it is, or the set of an earlier release. */
  wanted: ReleaseSet;
  /** Where the parts of the file are written; errors point there. */
  origins: Origins;
  target: Target;
  /** The project's folder: its git commit is noted, its builds are kept as long as a release names them. */
  root: string;
  /** `user@host` */
  who: string;
  /** The release that is gone back to; null for an ordinary deploy. */
  rollbackTo: number | null;
  /** Take the lock from whoever holds it. */
  forceUnlock: boolean;
  progress: Progress;
  signal: AbortSignal;
  /** Shows what is going to happen, and asks where that is wanted. False: it is not. */
  approve(plan: Plan): Promise<boolean>;
}

export interface DeployOutcome {
  kind: 'done' | 'unchanged' | 'declined';
  plan: Plan;
  /** Null where nothing was deployed. */
  release: ReleaseRecord | null;
}

/**
 * Brings an environment to what is wanted, and records it as a release. Holds the environment's lock meanwhile, the time
 * of the question included. Returns when every instance is healthy and every edge has its routes.
 *
 * @throws TandemError: locked; refused before anything was touched; failed, and then what had changed was put back as a
 * set; interrupted
 */
export async function deploy(request: DeployRequest): Promise<DeployOutcome> {
  const { target, wanted } = request;
  const doing = request.rollbackTo === null ? 'deploy' : `rollback to ${request.rollbackTo}`;
  // Git takes as long as lock and plan together; nothing waits for it.
  const commit = commitOf(request.root);
  const lock = await Lock.acquire(target, { who: request.who, doing }, request.forceUnlock);
  performance.mark('locked');
  try {
    const releases = new Releases(target);
    // Nobody else holds the lock: what still says `running` was cut off.
    const past = historyOf(await releases.recent(), null);
    const { releases: recent, current } = past;
    const planned = await planExplained(request, pastOf(past, releases));
    performance.mark('planned');
    if (isEmpty(planned)) {
      await settle(releases, recent[0] ?? null, wanted);
      return { kind: 'unchanged', plan: planned, release: null };
    }
    await guard(planned, request);
    if (!(await request.approve(planned))) return { kind: 'declined', plan: planned, release: null };

    const begun = await releases.begin(await newRecord(request, planned, commit), wanted);
    performance.mark('recorded');
    const signal = AbortSignal.any([request.signal, lock.lost]);
    const release = await run(request, planned, releases, begun, current, signal);
    await releases.prune();
    if (wanted.model.local) await pruneUnusedBuilds(request.root, await releases.list(), target);
    return { kind: 'done', plan: planned, release };
  } finally {
    await lock.release();
  }
}

/**
 * The plan; a job that Nomad would not take is said at its line.
 *
 * @throws TandemError
 */
export async function planExplained(
  { wanted, target, origins }: { wanted: Wanted; target: Target; origins: Origins },
  past: Past,
): Promise<Plan> {
  try {
    return await plan(wanted, target, past);
  } catch (error) {
    throw new TandemError(await explain(error, wanted.model, origins));
  }
}

async function run(
  request: DeployRequest,
  planned: Plan,
  releases: Releases,
  begun: ReleaseRecord,
  current: ReleaseRecord | null,
  signal: AbortSignal,
): Promise<ReleaseRecord> {
  const { wanted, target, progress } = request;
  const journal = new Journal(
    planned.clouds.flatMap(({ jobs }) => jobs.filter(({ action }) => action !== 'none')),
  );
  // A cluster of this machine answers in a few milliseconds.
  const pollMs = wanted.model.local ? 200 : 1_000;
  const rolling: RollOut = {
    plan: planned,
    compiled: wanted.compiled,
    target,
    journal,
    progress,
    signal,
    pollMs,
  };
  const end = async (status: ReleaseRecord['status'], diagnostics: Diagnostic[] = []) => {
    const ended: ReleaseRecord = { ...begun, status, diagnostics, finishedAt: new Date().toISOString() };
    if (status === 'done') ended.registered = registeredBy(planned, journal);
    await releases.update(ended);
    return ended;
  };
  // Consul may be what went away. A release that says `running` and whose deploy is gone counts as interrupted, too.
  const endIfPossible = (status: ReleaseRecord['status'], diagnostics: Diagnostic[] = []) =>
    end(status, diagnostics).catch((failure: unknown) => {
      if (!(failure instanceof ClusterError)) throw failure;
    });
  try {
    await rollOut(rolling);
    return await end('done');
  } catch (error) {
    if (request.signal.aborted) {
      const state = [journal.names('done'), journal.names('begun'), journal.names('left')] as const;
      const note = interrupted(begun.number, ...state, current?.number ?? null);
      await endIfPossible('interrupted', [note]);
      throw new TandemError([note]);
    }
    if (signal.aborted) {
      await endIfPossible('interrupted');
      throw signal.reason;
    }
    const why = await explain(error, wanted.model, request.origins);
    if (error instanceof ClusterError && error.unreachable) {
      const state = [journal.names('done'), journal.names('begun'), journal.names('left')] as const;
      const note = cutOff(begun.number, error.system, ...state, current?.number ?? null);
      await endIfPossible('interrupted', [...why, note]);
      throw new TandemError([...why, note]);
    }
    const after = await afterFailure(request, rolling, begun, current, error);
    await endIfPossible(after.status, [...why, ...after.notes]);
    throw new TandemError([...why, ...after.notes]);
  }
}

/** All jobs of the file as they are after a deploy, whether it had to touch them or not. */
function registeredBy(planned: Plan, journal: Journal): RegisteredJobs {
  const jobs = planned.clouds.flatMap((cloud) => cloud.jobs);
  return Object.fromEntries(
    jobs.flatMap((job) => {
      if (job.spec === null) return [];
      const index = journal.indexOf(job) ?? job.index;
      return [[nameIn(job.cloud, job.id), registered(job.spec, index)]];
    }),
  );
}

/** Puts everything back, unless there is nothing to go back to or the file says not to. */
async function afterFailure(
  request: DeployRequest,
  rolling: RollOut,
  begun: ReleaseRecord,
  current: ReleaseRecord | null,
  error: unknown,
): Promise<{ status: 'failed' | 'reverted'; notes: Diagnostic[] }> {
  const { journal, progress, plan: planned } = rolling;
  if (current === null)
    return { status: 'failed', notes: [leftAsIs(begun.number, journal.names('done'), 'first')] };
  if (error instanceof RolloutFailed && !reverts(request, error.submitted.id)) {
    return { status: 'failed', notes: [leftAsIs(begun.number, journal.names('done'), 'revert is off')] };
  }
  const step = progress.step('putting back');
  const { jobs, problems } = await putBack(rolling, request.signal);
  if (problems.length > 0) step.fail();
  else step.done();
  const names = namesOf(jobs, planned.clouds.length > 1);
  return {
    status: problems.length > 0 ? 'failed' : 'reverted',
    notes: problems.length > 0 ? problems : [putBackNote(begun.number, names, current.number)],
  };
}

function reverts(request: DeployRequest, job: string): boolean {
  return request.wanted.model.services[job]?.update.revert ?? true;
}

async function newRecord(
  request: DeployRequest,
  planned: Plan,
  commit: Promise<string | null>,
): Promise<Omit<ReleaseRecord, 'number' | 'parts'>> {
  return {
    status: 'running',
    startedAt: new Date().toISOString(),
    finishedAt: null,
    who: request.who,
    commit: await commit,
    rollbackTo: request.rollbackTo,
    summary: summaryOf(planned),
    diagnostics: [],
    builds: buildsOf(request.wanted.compiled),
  };
}

/**
 * What an interrupted deploy began has come to its end by itself: Nomad goes on without us. If that is what is wanted,
 * the release is done.
 */
async function settle(releases: Releases, newest: ReleaseRecord | null, wanted: ReleaseSet): Promise<void> {
  if (newest?.status !== 'interrupted') return;
  const set = await releases.set(newest).catch(() => null);
  if (JSON.stringify(set?.compiled) !== JSON.stringify(wanted.compiled)) return;
  await releases.update({ ...newest, status: 'done', finishedAt: new Date().toISOString(), diagnostics: [] });
}
