import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@tandem/common';
import type { TransportListenInfo, WebRtcServer, Worker } from 'mediasoup/types';
import { noWorker } from './problems.ts';
import { SpareWorker } from './spare-worker.ts';

/** A native process on one core, with one port that all its clients come to. */
export interface MediaWorker {
  readonly worker: Worker;
  readonly webRtcServer: WebRtcServer;
  /** Where its clients come to, by UDP and TCP. */
  readonly port: number;
  /** Peers whose media it carries; kept by the rooms. */
  peers: number;
}

export interface WorkerPool {
  /** Those that run now. */
  readonly workers: readonly MediaWorker[];
  /**
   * The one with the fewest peers that none of `taken` is. Where one is just being started it is waited for.
   * @throws Problem no-worker
   */
  pick(taken?: ReadonlySet<MediaWorker>): Promise<MediaWorker>;
  /** Ends all of them. */
  close(): void;
}

export interface WorkerPoolOptions {
  /** 0: one per core. */
  count: number;
  /** Each worker takes one, for UDP and TCP, that nobody else on the machine has: another media server may share the range. */
  ports: readonly number[];
  listenIp: string;
  announcedAddress: string | undefined;
  workerBin: string | undefined;
  log: Logger;
}

/** A worker that ends at once each time is not started more often than this. */
const LONGEST_PAUSE_MS = 5_000;

/** Starts the workers in the background, and keeps a spare one, which takes the place of one that dies at once. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { ports, log } = options;
  const spare = new SpareWorker(options.workerBin ?? onPath('mediasoup-worker'), log);
  const count = options.count || availableParallelism();
  const workers: MediaWorker[] = [];
  const closing = new AbortController();
  /** Of workers that run or are being started. */
  const taken = new Set<number>();
  const starting = new Set<Promise<void>>();

  async function start(former: number | null): Promise<void> {
    const started = await putToWork(await spare.take(), former, taken, options);
    if (closing.signal.aborted) return started.worker.close();
    workers.push(started);
    started.worker.once('died', (error) => {
      workers.splice(workers.indexOf(started), 1);
      taken.delete(started.port);
      log.error({ err: error, pid: started.worker.pid, peers: started.peers }, 'a media worker died');
      void keepOne(started.port);
    });
  }

  async function keepOne(former: number | null): Promise<void> {
    for (let pauseMs = 100; !closing.signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const attempt = start(former);
      starting.add(attempt);
      try {
        await attempt;
        return;
      } catch (error) {
        log.error({ err: error, retryMs: pauseMs }, 'a media worker does not start');
        await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => {});
      } finally {
        starting.delete(attempt);
      }
    }
  }

  /** The one with the fewest peers. */
  function emptiest(but: ReadonlySet<MediaWorker>): MediaWorker | undefined {
    const free = workers.filter((each) => !each.worker.closed && !but.has(each));
    return free.toSorted((a, b) => a.peers - b.peers)[0];
  }

  for (let i = 0; i < Math.min(count, ports.length); i++) void keepOne(null);
  return {
    workers,
    async pick(but = new Set()) {
      if (emptiest(but) === undefined) await Promise.any(starting).catch(() => undefined);
      const picked = emptiest(but);
      if (picked === undefined) throw noWorker();
      return picked;
    },
    close() {
      closing.abort();
      spare.close();
      for (const { worker } of workers) worker.close();
      workers.length = 0;
    },
  };
}

/**
 * @param former taken again where it is free, so that clients behind strict firewalls find what they know
 * @param taken ports of this pool; the new worker's is added
 */
async function putToWork(
  worker: Worker,
  former: number | null,
  taken: Set<number>,
  options: WorkerPoolOptions,
): Promise<MediaWorker> {
  const { ports } = options;
  try {
    for (const port of former === null ? ports : [former, ...ports]) {
      if (taken.has(port)) continue;
      taken.add(port);
      const webRtcServer = await listenOn(worker, port, options);
      if (webRtcServer !== null) {
        options.log.info({ pid: worker.pid, port }, 'a media worker runs');
        return { worker, webRtcServer, port, peers: 0 };
      }
      taken.delete(port);
    }
    throw new Error(`none of the ports ${ports[0]} to ${ports.at(-1)} is free`);
  } catch (error) {
    if (worker.died) throw error;
    const ended = once(worker, 'subprocessclose');
    worker.close();
    await ended;
    throw error;
  }
}

/** @returns null where somebody else on the machine has the port */
async function listenOn(
  worker: Worker,
  port: number,
  { listenIp, announcedAddress }: WorkerPoolOptions,
): Promise<WebRtcServer | null> {
  const listen = (protocol: 'udp' | 'tcp'): TransportListenInfo => ({
    protocol,
    ip: listenIp,
    port,
    ...(announcedAddress === undefined ? {} : { announcedAddress }),
  });
  try {
    return await worker.createWebRtcServer({ listenInfos: [listen('udp'), listen('tcp')] });
  } catch (error) {
    if (worker.closed || !(error instanceof Error) || !/address already in use/i.test(error.message))
      throw error;
    return null;
  }
}

/** Where the shell would find a program. */
function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
