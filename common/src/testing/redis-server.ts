import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-ports.ts';
import { waitFor } from './wait-for.ts';

/** A real redis-server of one test, with an append-only file like the persistent ones. */
export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** A connection of the test's own, to look at the data or change it; the caller ends it. */
  connect(): Redis;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts again on the same port, or another, with the data it had. */
  start(port?: number): Promise<void>;
  /** Stops answering without closing any connection, and goes on. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RedisServerOptions {
  /** When the append-only file is flushed: after every write unless told. */
  flush?: 'always' | 'everysec';
}

export async function startRedis({ flush = 'always' }: RedisServerOptions = {}): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-redis-'));
  let port = await freePort();
  let process: ChildProcess | null = null;

  async function start(): Promise<void> {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
    process = spawn(
      'redis-server',
      [...options, '--save', '', '--appendonly', 'yes', '--appendfsync', flush],
      {
        stdio: 'ignore',
      },
    );
    await once(process, 'spawn');
    await waitFor('redis-server answers', () => pings(port));
  }

  async function kill(): Promise<void> {
    if (process === null || process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    get port() {
      return port;
    },
    get url() {
      return `redis://127.0.0.1:${port}`;
    },
    connect: () => new Redis(`redis://127.0.0.1:${port}`),
    kill,
    async start(otherPort) {
      port = otherPort ?? port;
      await start();
    },
    freeze: () => void process?.kill('SIGSTOP'),
    thaw: () => void process?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(500, () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.write('PING\r\n');
  });
}
