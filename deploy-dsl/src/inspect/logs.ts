import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { noInstance } from '../language/errors/service.ts';
import { inOrder, instancesPerJob, type LogEntry, type LogRequest, lastOf } from './log-entry.ts';
import { LogFollower } from './log-follower.ts';
import { type LogSource, sourcesOf } from './log-source.ts';

/** The last lines of all instances, interleaved by time; also those of instances that have ended. */
export async function lastEntries(request: LogRequest): Promise<LogEntry[]> {
  const found = await Promise.all((await findSources(request)).map((source) => lastOf(source, request)));
  return inOrder(found.flat()).slice(-request.lines);
}

/**
 * The same, and then every line as it is written, until the signal aborts: of new instances, too, and on after restarts.
 *
 * @param show called in order of time
 * @param waits called where there is no instance yet: its lines come when it does
 */
export async function followEntries(
  request: LogRequest,
  show: (entry: LogEntry) => void,
  waits: () => void = () => undefined,
): Promise<void> {
  const { signal } = request;
  const follower = new LogFollower(request, show);
  try {
    const sources = await findSources(request);
    if (sources.length === 0) waits();
    const backlog = await Promise.all(sources.map((source) => follower.add(source)));
    for (const entry of inOrder(backlog.flat()).slice(-request.lines)) show(entry);
    follower.start();
    await Promise.race([
      follower.failed,
      ...request.clouds.flatMap((cloud) => request.jobs.map((job) => follower.watch(cloud, job))),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await follower.stop();
  }
}

/** @throws TandemError (exit 2) when an instance was asked for that is not there */
async function findSources(request: LogRequest): Promise<LogSource[]> {
  const lists = await Promise.all(
    request.clouds.flatMap((cloud) =>
      request.jobs.map(async (job) => {
        const all = await cloud.nomad.jobs.allocations(job, { all: true, signal: request.signal });
        return all.slice(0, instancesPerJob).map((allocation) => ({ cloud, allocation }));
      }),
    ),
  );
  const there = lists.flat();
  const sources = there.flatMap(({ cloud, allocation }) => sourcesOf(cloud, allocation, request));
  if (sources.length === 0 && request.instance !== null) {
    const known = there.map(({ allocation }) => allocation.ID.slice(0, 8));
    throw new TandemError([noInstance(request.instance, known)], exitCodes.badInput);
  }
  return sources;
}
