import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@tandem/common';
import { createWorker } from 'mediasoup';
import type { TransportListenInfo, WebRtcServer, Worker } from 'mediasoup/types';
import { noWorker } from './problems.ts';

/** A native process on one core, with one port that all its clients come to. */
export interface MediaWorker {
  readonly worker: Worker;
  readonly webRtcServer: WebRtcServer;
  /** Peers whose media it carries; kept by the rooms. */
  peers: number;
}

export interface WorkerPool {
  /** Those that run now. */
  readonly workers: readonly MediaWorker[];
  /**
   * The one with the fewest peers that none of `taken` is.
   * @throws Problem no-worker
   */
  pick(taken?: ReadonlySet<MediaWorker>): MediaWorker;
  /** Ends all of them. */
  close(): void;
}

export interface WorkerPoolOptions {
  /** 0: one per core. */
  count: number;
  /** Each worker takes one, for UDP and TCP. */
  ports: readonly number[];
  listenIp: string;
  announcedAddress: string | undefined;
  workerBin: string | undefined;
  log: Logger;
}

/** A worker that ends at once each time is not started more often than this. */
const LONGEST_PAUSE_MS = 5_000;

/** Starts the workers in the background, and another one for each that dies. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { ports, log } = options;
  const count = options.count || availableParallelism();
  const workers: MediaWorker[] = [];
  const closing = new AbortController();

  async function start(port: number): Promise<void> {
    const started = await startWorker(port, options);
    if (closing.signal.aborted) return started.worker.close();
    workers.push(started);
    started.worker.once('died', (error) => {
      workers.splice(workers.indexOf(started), 1);
      log.error({ err: error, pid: started.worker.pid, peers: started.peers }, 'a media worker died');
      void keepOne(port);
    });
  }

  async function keepOne(port: number): Promise<void> {
    for (let pauseMs = 100; !closing.signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await start(port);
        return;
      } catch (error) {
        log.error({ err: error, port, retryMs: pauseMs }, 'a media worker does not start');
        await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  }

  for (const port of ports.slice(0, count)) void keepOne(port);
  return {
    workers,
    pick(taken = new Set()) {
      const free = workers.filter((each) => !each.worker.closed && !taken.has(each));
      const [first] = free.toSorted((a, b) => a.peers - b.peers);
      if (first === undefined) throw noWorker();
      return first;
    },
    close() {
      closing.abort();
      for (const { worker } of workers) worker.close();
      workers.length = 0;
    },
  };
}

async function startWorker(
  port: number,
  { listenIp, announcedAddress, workerBin, log }: WorkerPoolOptions,
): Promise<MediaWorker> {
  const bin = workerBin ?? onPath('mediasoup-worker');
  const worker = await createWorker({ logLevel: 'warn', ...(bin === undefined ? {} : { workerBin: bin }) });
  const listen = (protocol: 'udp' | 'tcp'): TransportListenInfo => ({
    protocol,
    ip: listenIp,
    port,
    ...(announcedAddress === undefined ? {} : { announcedAddress }),
  });
  try {
    const webRtcServer = await worker.createWebRtcServer({ listenInfos: [listen('udp'), listen('tcp')] });
    log.info({ pid: worker.pid, port }, 'a media worker runs');
    return { worker, webRtcServer, peers: 0 };
  } catch (error) {
    const ended = once(worker, 'subprocessclose');
    worker.close();
    await ended;
    throw error;
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
