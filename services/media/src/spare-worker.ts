import type { Logger } from '@tandem/common';
import { createWorker } from 'mediasoup';
import type { Worker } from 'mediasoup/types';

/**
 * A native process that runs already and waits for work: to start one takes longer than a call should be without pictures. It
 * holds no port and carries nothing.
 */
export class SpareWorker {
  readonly #bin: string | undefined;
  readonly #log: Logger;
  #waiting: Promise<Worker> | null = null;
  #isClosed = false;

  /** @param bin the native worker; undefined for the one in the npm package */
  constructor(bin: string | undefined, log: Logger) {
    this.#bin = bin;
    this.#log = log;
  }

  /**
   * The process that waits, or a new one; then another one is started to wait.
   * @throws Error where it does not start
   */
  async take(): Promise<Worker> {
    const taken = this.#waiting ?? this.#start();
    this.#waiting = null;
    const worker = await taken;
    if (this.#waiting === null && !this.#isClosed) this.#prepare();
    return worker;
  }

  close(): void {
    this.#isClosed = true;
    void this.#waiting?.then(
      (worker) => worker.close(),
      () => undefined,
    );
  }

  #start(): Promise<Worker> {
    return createWorker({
      logLevel: 'warn',
      ...(this.#bin === undefined ? {} : { workerBin: this.#bin }),
    });
  }

  #prepare(): void {
    const waiting = this.#start();
    this.#waiting = waiting;
    // Whoever needs one then starts it.
    const forget = () => {
      if (this.#waiting === waiting) this.#waiting = null;
    };
    waiting.then(
      (worker) => worker.once('died', forget),
      (error: unknown) => {
        this.#log.warn({ err: error }, 'a spare media worker does not start');
        forget();
      },
    );
  }
}
