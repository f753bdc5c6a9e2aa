import { type Diagnostic, TandemError } from '../language/diagnostic.ts';
import { restoreCutOff } from '../language/errors/backup.ts';
import type { Progress, Step } from '../terminal/terminal.ts';
import { fileOf } from './check-backup.ts';
import type { Place } from './live-redis.ts';
import type { Backup, BackupPart } from './manifest.ts';
import { startService, stopService } from './pause-service.ts';
import type { RedisTools } from './redis-tools.ts';
import { cleanUp, noteStopped, stage, swap } from './staged-restore.ts';

/** The data of one Redis, and where it goes. */
export interface Restoring extends Place {
  part: BackupPart;
  /** An interrupted restore of the same file has put it in place already. */
  inPlace: boolean;
  /** The service runs now. */
  runs: boolean;
  /** It does not, because an interrupted restore has stopped it. */
  stopped: boolean;
  /** Edges send requests to the service. */
  routed: boolean;
}

export interface RestoreRequest {
  backup: Backup;
  parts: readonly Restoring[];
  tools: RedisTools;
  progress: Progress;
  signal: AbortSignal;
  /** Says why a service did not become healthy, at the line that caused it. */
  explain: (error: unknown) => Promise<Diagnostic[]>;
}

/**
 * Restores a backup. All data is first loaded beside the present one, while the services go on. Then they are stopped, so
 * that nobody writes to what he has read before, all data is swapped, and they are started again.
 *
 * Killed at any moment, each Redis holds its old data or that of the backup; the same command goes on from there. Aborted
 * before the first swap, everything is as before when this ends; after it, the restore is completed.
 *
 * @throws TandemError; the signal's reason
 */
export async function restore(request: RestoreRequest): Promise<void> {
  const { parts, signal } = request;
  const newStep = (each: Restoring) => request.progress.step(`restore ${nameOf(each)}`);
  const steps = new Map(parts.map((each) => [each, newStep(each)]));
  const stepOf = (each: Restoring) => steps.get(each) ?? newStep(each);
  const stopped = new Set(parts.filter((each) => each.stopped));
  try {
    for (const each of parts) if (!each.inPlace) await load(request, each, stepOf(each));
    await Promise.all(
      parts
        .filter(({ runs, inPlace }) => runs && !inPlace)
        .map(async (each) => {
          // Written down first: whoever finds the service stopped must know why.
          await noteStopped(each);
          stopped.add(each);
          await stopService(each, { step: stepOf(each), signal });
        }),
    );
    signal.throwIfAborted();
  } catch (error) {
    await putBack(request, [...stopped], stepOf);
    throw error;
  }
  await swapAll(request, [...stopped], stepOf);
  await startAll(request, [...stopped], stepOf);
  await Promise.all(parts.map(cleanUp));
  for (const each of parts) stepOf(each).done(`${each.part.keys} keys of ${each.part.takenAt}`);
}

async function load({ backup, tools, signal }: RestoreRequest, each: Restoring, step: Step): Promise<void> {
  const { part } = each;
  step.update('loading', 0);
  await stage(each, part, fileOf(backup, part), {
    tools,
    signal,
    tell: (keys) => step.update(`loading: ${keys} of ${part.keys} keys`, keys / Math.max(keys, part.keys)),
  });
}

async function swapAll(
  request: RestoreRequest,
  stopped: readonly Restoring[],
  stepOf: (each: Restoring) => Step,
): Promise<void> {
  const done = request.parts.filter(({ inPlace }) => inPlace);
  const left = request.parts.filter(({ inPlace }) => !inPlace);
  try {
    for (let next = left[0]; next !== undefined; next = left[0]) {
      await swap(next);
      left.shift();
      done.push(next);
    }
  } catch (error) {
    await startAll(request, stopped, stepOf).catch(() => {});
    const because = error instanceof TandemError ? error.diagnostics : [];
    if (done.length === 0) throw error;
    const said = restoreCutOff(done.map(nameOf), left.map(nameOf), request.backup.folder);
    throw new TandemError([...because, said]);
  }
}

/** Nothing was swapped: the services run again with the data they had. */
async function putBack(
  request: RestoreRequest,
  stopped: readonly Restoring[],
  stepOf: (each: Restoring) => Step,
): Promise<void> {
  await startAll(request, stopped, stepOf);
  const untouched = request.parts.filter(({ inPlace }) => !inPlace);
  await Promise.allSettled(untouched.map(cleanUp));
  for (const each of request.parts) stepOf(each).skip(each.inPlace ? 'restored before' : 'as before');
}

/** Goes on whatever happens: a service that was stopped here must not stay so. */
async function startAll(
  { explain }: RestoreRequest,
  stopped: readonly Restoring[],
  stepOf: (each: Restoring) => Step,
): Promise<void> {
  const { signal } = new AbortController();
  const results = await Promise.allSettled(
    stopped.map(async (each) => {
      const step = stepOf(each);
      step.update(`starting ${each.service}`);
      try {
        await startService(each, { routed: each.routed, step, signal });
      } catch (error) {
        step.fail();
        throw new TandemError(await explain(error));
      }
    }),
  );
  const failures = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  const diagnostics = failures.flatMap((each) => (each instanceof TandemError ? each.diagnostics : []));
  if (failures.length > 0 && diagnostics.length === 0) throw failures[0];
  if (failures.length > 0) throw new TandemError(diagnostics);
}

/** `rooms (aws)` */
export function nameOf({ service, cloud }: Place): string {
  return `${service} (${cloud.name})`;
}
