import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-ports.ts';
import { rabbitmqAnswers } from './rabbitmq-admin.ts';
import { waitFor } from './wait-for.ts';

/** A real RabbitMQ with a data folder of its own. */
export interface TestRabbitmq {
  /** `amqp://guest:guest@127.0.0.1:PORT` */
  readonly url: string;
  /** Address of the management API. */
  readonly management: string;
  /** Process of the server, to be frozen and thawed. */
  readonly pid: number;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts again on the same ports with the data it had. */
  start(): Promise<void>;
  /**
   * Stops it in good order and starts it again. A quorum queue that was declared just before a kill -9 comes back without
   * a leader (RabbitMQ has not written its registration to the disk yet): do this between declaring and killing.
   */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RabbitmqOptions {
  /** Lives on when this process ends; whoever wants it gone kills the process group `pid`. */
  detached?: boolean;
  /** Where its data folder is made; the folder for temporary files when not given. */
  parent?: string;
}

/** Erlang takes its time on a busy machine. */
const START_MS = 90_000;

/** Where Debian keeps the scripts; the one in sbin changes the user and forgets the environment. */
const PROGRAMS = '/usr/lib/rabbitmq/bin';

/** The server gives up at once when its name service does not answer yet. */
const START = 'epmd & until epmd -names >/dev/null 2>&1; do sleep 0.1; done; exec rabbitmq-server';

export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<TestRabbitmq> {
  const directory = await mkdtemp(join(options.parent ?? tmpdir(), 'tandem-rabbitmq-'));
  const [amqp, management, distribution, epmd] = await differentPorts(4);
  const env = {
    PATH: `${PROGRAMS}:${process.env.PATH}`,
    HOME: directory,
    RABBITMQ_NODENAME: `test${amqp}@localhost`,
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(directory, 'config'),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
  await writeFile(join(directory, 'enabled_plugins'), '[rabbitmq_management].\n');
  await writeFile(
    join(directory, 'rabbitmq.conf'),
    [
      `listeners.tcp.default = 127.0.0.1:${amqp}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${management}`,
      'disk_free_limit.absolute = 64MB',
      'log.console = false',
      '',
    ].join('\n'),
  );
  const address = `http://127.0.0.1:${management}`;
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    // Its own process group: the server, its name service and its helpers end together.
    server = spawn('sh', ['-c', START], {
      env,
      cwd: directory,
      stdio: 'ignore',
      detached: true,
    });
    if (options.detached === true) server.unref();
    await once(server, 'spawn');
    await waitFor('RabbitMQ answers', () => rabbitmqAnswers(address), START_MS);
  }

  async function kill(): Promise<void> {
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    process.kill(-server.pid, 'SIGKILL');
    await ended;
  }

  async function restart(): Promise<void> {
    const group = server?.pid ?? 0;
    process.kill(-group, 'SIGTERM');
    await waitFor('RabbitMQ has stopped', async () => !(await isAlive(group)), START_MS);
    await start();
  }

  await start();
  return {
    url: `amqp://guest:guest@127.0.0.1:${amqp}`,
    management: address,
    get pid() {
      return server?.pid ?? 0;
    },
    kill,
    start,
    restart,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Whether a process of the group still runs; one that ended and was not collected yet does not count. */
async function isAlive(group: number): Promise<boolean> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(
    processes.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  );
  return states.some((stat) => {
    // After the name, which may hold anything: state, parent, group.
    const [state, , id] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(id) === group && state !== 'Z';
  });
}

async function differentPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
