import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetCloud } from '../cluster/target.ts';
import {
  EntryReader,
  firstBytes,
  inOrder,
  instancesPerJob,
  type LogEntry,
  type LogRequest,
  lastOf,
} from './log-entry.ts';
import { isSelective } from './log-filter.ts';
import { isEnded, type LogSource, sourcesOf } from './log-source.ts';
import { type LogPiece, openLog } from './log-stream.ts';

/** Lines of different instances are put in order as long as they arrive within this time. */
const orderMs = 300;
/** Silence after which nothing more is expected from a task that has ended. */
const silenceMs = 2_000;

/** Follows the logs of jobs: of the instances that are there, and of those that appear. */
export class LogFollower {
  readonly #request: LogRequest;
  readonly #show: (entry: LogEntry) => void;
  readonly #known = new Set<string>();
  readonly #running: Promise<void>[] = [];
  #waiting: { entry: LogEntry; arrived: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  readonly #end = new AbortController();
  readonly #failure = Promise.withResolvers<never>();

  constructor(request: LogRequest, show: (entry: LogEntry) => void) {
    this.#request = { ...request, signal: AbortSignal.any([request.signal, this.#end.signal]) };
    this.#show = show;
    // Heard only while somebody waits for it.
    this.#failure.promise.catch(() => undefined);
  }

  /** Rejects when a log cannot be read for a reason that patience does not cure. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /**
   * Follows a log; of an instance that has ended it reads what is there.
   * @returns what was there already, as soon as that was read
   */
  async add(source: LogSource): Promise<LogEntry[]> {
    this.#known.add(keyOf(source));
    if (source.ended) return lastOf(source, this.#request);
    const { filter, lines } = this.#request;
    const bytes = isSelective(filter) || filter.since !== null ? null : Math.max(firstBytes, lines * 512);
    const end = new AbortController();
    const signal = AbortSignal.any([this.#request.signal, end.signal]);
    const { pieces } = await openLog(source, { bytes, follow: true, signal });
    const caughtUp = Promise.withResolvers<LogEntry[]>();
    const activity = { last: Date.now() };
    const running = Promise.all([
      this.#pump(source, pieces, activity, caughtUp.resolve),
      this.#endAfter(source, activity, end),
    ]);
    this.#running.push(
      running.then(
        () => undefined,
        (error) => this.#fail(error, signal),
      ),
    );
    return caughtUp.promise;
  }

  /** Collects what was there already, and puts what comes then in line. */
  async #pump(
    source: LogSource,
    pieces: AsyncIterable<LogPiece>,
    activity: { last: number },
    caughtUp: (old: LogEntry[]) => void,
  ): Promise<void> {
    const reader = new EntryReader(source, this.#request.filter);
    let old: LogEntry[] | null = [];
    try {
      for await (const piece of pieces) {
        activity.last = Date.now();
        if (piece.kind === 'caught up') {
          caughtUp(old ?? []);
          old = null;
          continue;
        }
        const entry = reader.read(piece.text);
        if (entry === null) continue;
        if (old === null) this.#waiting.push({ entry, arrived: Date.now() });
        else old.push(entry);
      }
    } finally {
      // Without effect, unless it broke off before.
      caughtUp(old ?? []);
    }
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.#failure.reject(error);
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
          .slice(0, instancesPerJob)
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
    this.#end.abort();
    await Promise.all(this.#running);
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

function keyOf(source: LogSource): string {
  return `${source.cloud}/${source.instance}/${source.stream}`;
}
