import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@tandem/common';
import { coturnConfig } from './coturn-config.ts';
import type { Settings } from './settings.ts';
import { takePort } from './take-port.ts';
import { makeUserTables } from './user-tables.ts';

/** How long it may take to end by itself, and how soon it is started again. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 500;

/** A `turnserver` of coturn that is started again whenever it ends. */
export class Coturn {
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  #port: number | null = null;

  constructor(settings: Settings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
    this.#running = this.#keepRunning(this.#end.signal);
  }

  /** Where it listens, UDP and TCP; null while it does not run. */
  get port(): number | null {
    return this.#port;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #keepRunning(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#run(signal);
      } catch (error) {
        this.#log.error({ err: error }, 'turnserver does not run');
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Runs it once. @throws Error when it ends without having been told to */
  async #run(signal: AbortSignal): Promise<void> {
    const { host, portTurnFrom, portTurnTo } = this.#settings;
    const taken = await takePort(host, portTurnFrom, portTurnTo);
    if (taken === null) throw new Error(`no port from ${portTurnFrom} to ${portTurnTo} is free`);
    const folder = await mkdtemp(join(tmpdir(), 'tandem-turn-'));
    try {
      // In a file, as everybody may read the arguments of a process.
      const file = join(folder, 'turnserver.conf');
      await writeFile(file, coturnConfig(this.#settings, taken.port, folder), { mode: 0o600 });
      makeUserTables(join(folder, 'users'));
      if (signal.aborted) return;
      this.#port = taken.port;
      await runProgram(file, signal, this.#log);
    } finally {
      this.#port = null;
      taken.release();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** The kernel kills it with this process, however that ends (`setpriv --pdeathsig`). */
async function runProgram(config: string, signal: AbortSignal, log: Logger): Promise<void> {
  const process = spawn('setpriv', ['--pdeathsig', 'KILL', 'turnserver', '-c', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => {
    process.kill('SIGTERM');
    setTimeout(() => process.kill('SIGKILL'), PATIENCE_MS).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  for (const stream of [process.stdout, process.stderr]) {
    createInterface({ input: stream }).on('line', (line) => tell(line, log));
  }
  try {
    const [code, killedBy] = await once(process, 'exit');
    if (!signal.aborted) throw new Error(`turnserver ended by itself: ${code ?? killedBy}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** `12: : ERROR: what it says`; the settings that it repeats at its start are of no use to anybody. */
function tell(line: string, log: Logger): void {
  const text = line.replace(/^\d+: (?:\(\d+\))?: /, '').trim();
  if (text === '') return;
  if (/\bERROR\b|Cannot|Fatal/.test(text)) log.error({ program: 'turnserver' }, text);
  else log.debug({ program: 'turnserver' }, text);
}
