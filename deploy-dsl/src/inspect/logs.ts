import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetCloud } from '../cluster/target.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { noInstance } from '../language/errors/service.ts';
import { isSelective, type LogFilter, passes } from './log-filter.ts';
import { type LogLine, readLine } from './log-line.ts';
import { isEnded, type LogSource, type SourceOptions, sourcesOf } from './log-source.ts';
import { openLog } from './log-stream.ts';

/** A line to be shown. */
export interface LogEntry {
  line: LogLine;
  /** Its own time, or that of the line before it in the same log: a stack trace stays with its error. */
  time: number;
  source: LogSource;
}

export interface LogRequest extends SourceOptions {
  clouds: readonly TargetCloud[];
  /** Jobs in Nomad. */
  jobs: readonly string[];
  filter: LogFilter;
  /** How many of the last lines. */
  lines: number;
  signal: AbortSignal;
}

/** Read at first of each log; more when that does not hold enough lines. */
const firstBytes = 256 * 1024;
/** Newest instances of a job whose logs are read, ended ones included. */
const instancesPerJob = 20;
/** Lines of different instances are put in order as long as they arrive within this time. */
const orderMs = 300;
/** Silence after which nothing more is expected from a task that has ended. */
const silenceMs = 2_000;

/** The last lines of all instances, interleaved by time; also those of instances that have ended. */
export async function lastEntries(request: LogRequest): Promise<LogEntry[]> {
  const found = await Promise.all((await findSources(request)).map((source) => lastOf(source, request)));
  return inOrder(found.flat()).slice(-request.lines);
}

/**
 * The same, and then every line as it is written, until the signal aborts: of new instances, too, and on after restarts.
 *
 * @param show called in order of time
 */
export async function followEntries(request: LogRequest, show: (entry: LogEntry) => void): Promise<void> {
  const { signal } = request;
  const follower = new Follower(request, show);
  try {
    const sources = await findSources(request);
    const backlog = await Promise.all(
      sources.filter(({ ended }) => !ended).map((each) => follower.add(each)),
    );
    const ended = await Promise.all(
      sources.filter((source) => source.ended).map((source) => lastOf(source, request)),
    );
    for (const entry of inOrder([...backlog, ...ended].flat()).slice(-request.lines)) show(entry);
    follower.start();
    await Promise.all(
      request.clouds.flatMap((cloud) => request.jobs.map((job) => follower.watch(cloud, job))),
    );
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

/** The last lines of one log that pass; reads back as far as it must. */
async function lastOf(source: LogSource, request: LogRequest): Promise<LogEntry[]> {
  const { filter, lines, signal } = request;
  for (let bytes = Math.max(firstBytes, lines * 512); ; bytes *= 8) {
    const { whole, pieces } = await openLog(source, { bytes, follow: false, signal });
    const reader = new EntryReader(source, filter);
    const found: LogEntry[] = [];
    for await (const piece of pieces) {
      const entry = piece.kind === 'line' ? reader.read(piece.text) : null;
      if (entry !== null) found.push(entry);
      if (found.length > 2 * lines) found.splice(0, lines);
    }
    const reachesBack =
      filter.since !== null && (reader.firstTime ?? Number.POSITIVE_INFINITY) < filter.since;
    if (whole || found.length >= lines || reachesBack) return found.slice(-lines);
  }
}

/** Gives lines of a log their time, and leaves out those that do not pass. */
class EntryReader {
  readonly #source: LogSource;
  readonly #filter: LogFilter;
  #time: number;
  /** Of the first line that says one. */
  firstTime: number | null = null;

  constructor(source: LogSource, filter: LogFilter) {
    this.#source = source;
    this.#filter = filter;
    this.#time = source.since;
  }

  read(text: string): LogEntry | null {
    if (text === '') return null;
    const line = readLine(text);
    if (line.time !== null) {
      this.#time = line.time;
      this.firstTime ??= line.time;
    }
    const time = this.#time;
    return passes(this.#filter, line, time, this.#source.stream)
      ? { line, time, source: this.#source }
      : null;
  }
}

class Follower {
  readonly #request: LogRequest;
  readonly #show: (entry: LogEntry) => void;
  readonly #known = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #waiting: { entry: LogEntry; arrived: number }[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(request: LogRequest, show: (entry: LogEntry) => void) {
    this.#request = request;
    this.#show = show;
  }

  /** Follows a log. @returns what was there already, as soon as that was read */
  async add(source: LogSource): Promise<LogEntry[]> {
    this.#known.add(keyOf(source));
    const { filter, lines, since } = { ...this.#request, since: this.#request.filter.since };
    const needsAll = isSelective(filter) || since !== null;
    const bytes = needsAll ? null : Math.max(firstBytes, lines * 512);
    const end = new AbortController();
    const signal = AbortSignal.any([this.#request.signal, end.signal]);
    const { pieces } = await openLog(source, { bytes, follow: true, signal });
    const old: LogEntry[] = [];
    return new Promise((resolve, reject) => {
      const pump = async () => {
        const reader = new EntryReader(source, filter);
        const activity = { last: Date.now() };
        const stopWhenOver = this.#endAfter(source, activity, end);
        let caughtUp = false;
        try {
          for await (const piece of pieces) {
            activity.last = Date.now();
            if (piece.kind === 'caught up') {
              caughtUp = true;
              resolve(old);
              continue;
            }
            const entry = reader.read(piece.text);
            if (entry === null) continue;
            if (caughtUp) this.#waiting.push({ entry, arrived: Date.now() });
            else old.push(entry);
          }
        } catch (error) {
          if (!signal.aborted) throw error;
        } finally {
          resolve(old);
          end.abort();
          await stopWhenOver;
        }
      };
      const running = pump().catch(reject);
      this.#running.add(running);
      running.finally(() => this.#running.delete(running)).catch(() => undefined);
    });
  }

  /** Begins to show what was written since. */
  start(): void {
    this.#timer = setInterval(() => this.#flush(Date.now() - orderMs), orderMs / 2);
  }

  /** Follows the instances of a job that appear. */
  async watch(cloud: TargetCloud, job: string): Promise<void> {
    const { signal } = this.#request;
    let index: number | undefined;
    for (;;) {
      signal.throwIfAborted();
      try {
        const answer = await cloud.nomad.jobs.watchAllocations(job, { index, all: true, signal });
        index = answer.index;
        const fresh = answer.value
          .filter((allocation) => !isEnded(allocation))
          .flatMap((allocation) => sourcesOf(cloud, allocation, this.#request))
          .filter((source) => !this.#known.has(keyOf(source)));
        for (const entry of (await Promise.all(fresh.map((source) => this.add(source)))).flat()) {
          this.#waiting.push({ entry, arrived: Date.now() });
        }
      } catch {
        // A server that is away for a while must not end the watch: its logs may be what is looked for.
        signal.throwIfAborted();
        await sleep(1_000, undefined, { signal });
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.allSettled(this.#running);
    this.#flush(Number.POSITIVE_INFINITY);
  }

  /** Nomad keeps the stream of a task that has ended open: it is left when nothing comes any more. */
  async #endAfter(source: LogSource, activity: { last: number }, end: AbortController): Promise<void> {
    const signal = AbortSignal.any([this.#request.signal, end.signal]);
    try {
      for (let index: number | undefined; ; ) {
        const answer = await source.nomad.allocations.watch(source.instance, { index, signal });
        index = answer.index;
        if (isEnded(answer.value)) break;
      }
      while (Date.now() - activity.last < silenceMs) await sleep(silenceMs / 4, undefined, { signal });
    } catch {
      // The server is away, or everything ends: the stream itself will tell.
      return;
    }
    end.abort();
  }

  /** Shows what arrived before, in order of time. */
  #flush(before: number): void {
    const due = this.#waiting.filter(({ arrived }) => arrived < before);
    this.#waiting = this.#waiting.filter(({ arrived }) => arrived >= before);
    for (const entry of inOrder(due.map(({ entry }) => entry))) this.#show(entry);
  }
}

/** By time; lines of the same moment as they came. */
function inOrder(entries: LogEntry[]): LogEntry[] {
  return entries.toSorted((a, b) => a.time - b.time);
}

function keyOf(source: LogSource): string {
  return `${source.cloud}/${source.instance}/${source.stream}`;
}
