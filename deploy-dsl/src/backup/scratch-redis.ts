import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { RdbFailed } from './rdb-file.ts';
import type { RedisTools } from './redis-tools.ts';

const pollMs = 50;

/** Runs a server in a folder for as long as somebody holds its standard input: also `kill -9` lets that go. */
const guarded = `
exec 3<&0
"$@" 3<&- &
server=$!
{ read -r _ <&3; kill -KILL $server; rm -rf "$0"; } 2>/dev/null &
wait $server
`;

/**
 * Loads a snapshot into a Redis of this machine, on a socket that nobody else knows, and lets the work read it. It writes
 * nothing, and ends with this process, however that ends.
 *
 * @throws RdbFailed when it cannot load the file; the signal's reason
 */
export async function withScratchRedis<T>(
  path: string,
  tools: RedisTools,
  signal: AbortSignal,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-restore-'));
  const socket = join(folder, 'redis.sock');
  const options = [
    ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700'],
    ...['--dir', dirname(path), '--dbfilename', basename(path), '--save', '', '--appendonly', 'no'],
  ];
  const server = spawn('sh', ['-c', guarded, folder, tools.server, ...options], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const said: string[] = [];
  server.stdout.setEncoding('utf8').on('data', (text: string) => void said.push(...text.trim().split('\n')));
  const ended = once(server, 'exit').catch(() => undefined);
  const redis = new Redis({
    path: socket,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    for (;;) {
      signal.throwIfAborted();
      if (server.exitCode !== null || server.pid === undefined) {
        throw new RdbFailed('the redis-server of this machine cannot load it', said.slice(-5));
      }
      if (await isReady(redis)) return await work(redis);
      await sleep(pollMs, undefined, { signal });
    }
  } finally {
    redis.disconnect();
    server.stdin.destroy();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Not before all is loaded. */
async function isReady(redis: Redis): Promise<boolean> {
  try {
    if (redis.status !== 'ready') await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  }
}
