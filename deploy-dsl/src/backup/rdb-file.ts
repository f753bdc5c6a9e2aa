import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import { runProgram } from '../local/toolchain/run-program.ts';
import type { RedisTools } from './redis-tools.ts';

/** Where a Redis listens. */
export interface RedisAddress {
  host: string;
  port: number;
}

export interface RdbFacts {
  keys: number;
  /** Version of the Redis that wrote it. */
  redis: string;
}

/** A program of Redis did not do its work. */
export class RdbFailed extends Error {
  /** Its last lines. */
  readonly output: string[];

  constructor(message: string, output: string[]) {
    super(message);
    this.name = 'RdbFailed';
    this.output = output;
  }
}

/**
 * Has a running Redis write a snapshot of one moment, as it does for a replica, and keeps it in a file that is on the disk
 * when this resolves and that only its owner can read.
 *
 * @throws RdbFailed; the signal's reason
 */
export async function takeSnapshot(
  { host, port }: RedisAddress,
  path: string,
  tools: RedisTools,
  signal: AbortSignal,
): Promise<void> {
  const args = ['-h', host, '-p', String(port), '--rdb', path];
  const { code, tail } = await runProgram({ command: tools.cli, args, env: process.env, signal });
  if (code !== 0) throw new RdbFailed(tail.at(-1) ?? `redis-cli ended with ${code}`, tail);
  await chmod(path, 0o600);
  const file = await open(path, 'r');
  await file.sync();
  await file.close();
}

/** Reads the whole file as Redis would. @throws RdbFailed when it is cut short or damaged; the signal's reason */
export async function checkRdb(path: string, tools: RedisTools, signal: AbortSignal): Promise<RdbFacts> {
  const { code, tail, lines } = await run(tools.checkRdb, [path], signal);
  const text = lines.join('\n');
  const keys = /\[info\] (\d+) keys read/.exec(text)?.[1];
  if (code !== 0 || keys === undefined) throw new RdbFailed('Redis cannot read it', tail);
  return { keys: Number(keys), redis: /redis-ver = '([^']*)'/.exec(text)?.[1] ?? 'unknown' };
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function run(command: string, args: string[], signal: AbortSignal) {
  const lines: string[] = [];
  const outcome = await runProgram({
    command,
    args,
    env: process.env,
    signal,
    onLine: (line) => void lines.push(line),
  });
  return { ...outcome, lines };
}
