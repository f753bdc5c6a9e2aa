import type { LiveJob } from '../cluster/nomad/job.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { revertJob } from '../deploy/put-back.ts';
import { type Diagnostic, TandemError } from '../language/diagnostic.ts';
import { revertFailed } from '../language/errors/deploy.ts';
import { secretHalfWay, secretPutBack } from '../language/errors/service.ts';
import { liveJob, locked, type Operation, requireSettled, restarted, rollJobs } from './roll.ts';
import { secretValues, writeSecret } from './secrets.ts';

/** A secret of a service, and what becomes of it. */
export interface SecretChange {
  name: string;
  /** Null removes it. */
  value: string | null;
  /** Called as soon as the value is set in every cloud, before any instance has it. */
  onSet(): void;
}

/**
 * Sets a secret and replaces the instances that read it, cloud by cloud, one after the other: a new one is healthy with the
 * new value before an old one leaves. Where one is not, the former value and the former instances come back, as a set.
 *
 * @param operation its clouds are those whose instances are replaced
 * @param all the clouds that get the value
 * @throws TandemError: a rollout is under way (nothing was changed); an instance did not become healthy (all was put back);
 * interrupted
 */
export async function changeSecret(
  operation: Operation,
  { name, value, onSet }: SecretChange,
  all: readonly TargetCloud[],
): Promise<void> {
  const { service, clouds, signal } = operation;
  await locked(operation, `secret ${name} of ${service}`, async () => {
    const before = await Promise.all(clouds.map(async (cloud) => liveJob(cloud, service, signal)));
    for (const [index, cloud] of clouds.entries()) {
      const live = before[index];
      if (live !== undefined) await requireSettled(cloud, live, signal);
    }
    const former = await secretValues(service, name, all);
    await writeSecret(service, name, value, all);
    onSet();
    try {
      await rollJobs(operation, restarted);
    } catch (error) {
      if (signal.aborted) throw new TandemError([secretHalfWay(service, name)]);
      if (!(error instanceof TandemError)) throw error;
      for (const [index, cloud] of all.entries()) {
        await writeSecret(service, name, former[index] ?? null, [cloud]);
      }
      const problems = await goBack(operation, before);
      const note = problems.length > 0 ? problems : [secretPutBack(service, name)];
      throw new TandemError([...error.diagnostics, ...note]);
    }
  });
}

/** The jobs as they were. @returns what could not be put back */
async function goBack(operation: Operation, before: readonly LiveJob[]): Promise<Diagnostic[]> {
  const { service, clouds, progress, signal } = operation;
  const problems: Diagnostic[] = [];
  for (const [index, cloud] of clouds.entries()) {
    const job = before[index];
    const now = await cloud.nomad.jobs.get(service, { signal });
    if (job === undefined || now?.Version === job.Version) continue;
    const step = progress.step(clouds.length > 1 ? `${service} (${cloud.name}) back` : `${service} back`);
    try {
      await revertJob(cloud, job, { step, signal });
      step.done('as before');
    } catch (error) {
      step.fail();
      signal.throwIfAborted();
      problems.push(
        revertFailed(service, cloud.name, error instanceof Error ? error.message : String(error)),
      );
    }
  }
  return problems;
}
