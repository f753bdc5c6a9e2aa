import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { usageOf } from '../usage.ts';
import type { Listening } from './served.ts';

/** A server in a process of its own. */
export interface Side extends Listening, AsyncDisposable {
  /** Seconds of CPU since its start. */
  cpuS(): Promise<number>;
}

/** @param program `bare.ts` or `common.ts` */
export async function startSide(program: string): Promise<Side> {
  // Its log is read by somebody, as Nomad does, and not by us: we are busy with sending requests.
  const reader = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
  const server = spawn(process.execPath, [join(import.meta.dirname, program)], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', reader.stdin, 'inherit', 'ipc'],
  });
  reader.stdin.destroy();
  const listening = await firstMessage(server);
  return {
    ...listening,
    async cpuS() {
      const usage = server.pid === undefined ? null : await usageOf(server.pid, new Set());
      if (usage === null) throw new Error(`${program} has ended`);
      return usage.cpuS;
    },
    async [Symbol.asyncDispose]() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const gone = once(server, 'exit');
      server.disconnect();
      await gone;
    },
  };
}

function firstMessage(server: ChildProcess): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('message', (message: Listening) => resolve(message));
    server.once('exit', (code) => reject(new Error(`a server of the bench ended with ${code}`)));
  });
}
