import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts } from '@tandem/common/testing';
import { Rabbitmq } from '../../src/cluster/rabbitmq.ts';
import { until } from './until.ts';

export interface RabbitmqServer {
  /** As its administrator. */
  client: Rabbitmq;
  /** Of the management API, `http://127.0.0.1:15672`. */
  address: string;
  /** Puts a message into a queue, or gives it to an exchange; true where a queue took it. */
  publish(exchange: string, routingKey: string, payload: string): Promise<boolean>;
  /** Takes all messages out of a queue. */
  drain(queue: string): Promise<string[]>;
  /** Its number of messages, as RabbitMQ counts them every five seconds. */
  count(queue: string, messages: number): Promise<void>;
  /**
   * Starts the next instance on the same data and ports while the one before is told to stop (`stopped`), or after its
   * supervisor was killed, which leaves the server behind (`killed`).
   */
  replace(former: 'stopped' | 'killed'): Promise<void>;
  /** Runs a command of `rabbitmqctl` against it. */
  control(...args: string[]): Promise<void>;
  stop(): Promise<void>;
}

const platform = resolve(import.meta.dirname, '../../../nomad-jobs/platform/rabbitmq');

/** A real RabbitMQ on free ports of loopback, started by the script that Nomad starts it with: ready in about 7 s. */
export async function startRabbitmq(): Promise<RabbitmqServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-rabbitmq-'));
  const [amqp = 0, management = 0, epmd = 0, distribution = 0] = await freePorts(4);
  const template = await readFile(join(platform, 'rabbitmq.conf'), 'utf8');
  const settings: Record<string, string> = {
    address: '127.0.0.1',
    amqp: String(amqp),
    management: String(management),
    memory_mib: '400',
    account: 'default_user = guest\ndefault_pass = guest',
  };
  const configuration = template.replaceAll(/@(\w+)@/g, (mark, name: string) => settings[name] ?? mark);
  await writeFile(join(folder, 'rabbitmq.conf'), configuration);
  await copyFile(join(platform, 'enabled_plugins'), join(folder, 'enabled_plugins'));
  const node = `test${management}@localhost`;
  const environment = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: join(folder, 'data'),
    NOMAD_TASK_DIR: folder,
    NOMAD_PORT_amqp: String(amqp),
    NOMAD_PORT_management: String(management),
    RABBITMQ_DATA: join(folder, 'data'),
    RABBITMQ_NODENAME: node,
    RABBITMQ_DIST_PORT: String(distribution),
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
  const launch = () => spawn('sh', [join(platform, 'run.sh')], { env: environment, stdio: 'ignore' });
  let server = launch();
  const end = () => server.kill('SIGTERM');
  process.on('exit', end);

  const address = `http://127.0.0.1:${management}`;
  const authorization = `Basic ${btoa('guest:guest')}`;
  const client = new Rabbitmq({ address, user: 'guest', password: 'guest', local: true });
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${address}/api${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const stop = async () => {
    const ended = new Promise<void>((done) => server.once('exit', () => done()));
    end();
    await ended;
    process.off('exit', end);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const serverPid = async () => {
    const answer = await fetch(`${address}/api/nodes`, { headers: { authorization } });
    const [{ os_pid: pid }]: [{ os_pid: string }] = JSON.parse(await answer.text());
    return pid;
  };
  try {
    const answers = async () => {
      await client.ping();
      return true;
    };
    await until('RabbitMQ answers', answers, { timeoutMs: 90_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    client,
    address,
    async publish(exchange, routingKey, payload) {
      const answer = await post(`/exchanges/%2F/${exchange || 'amq.default'}/publish`, {
        properties: { delivery_mode: 2 },
        routing_key: routingKey,
        payload,
        payload_encoding: 'string',
      });
      return typeof answer === 'object' && answer !== null && 'routed' in answer && answer.routed === true;
    },
    async drain(queue) {
      const request = { count: 1000, ackmode: 'ack_requeue_false', encoding: 'auto' };
      const answer = await post(`/queues/%2F/${encodeURIComponent(queue)}/get`, request);
      return Array.isArray(answer) ? answer.map(({ payload }) => String(payload)) : [];
    },
    async count(queue, messages) {
      await until(`${queue} holds ${messages}`, async () =>
        (await client.queues()).some((each) => each.name === queue && each.messages === messages),
      );
    },
    async replace(former) {
      const pid = await serverPid();
      const before = server;
      const ended = new Promise<void>((done) => before.once('exit', () => done()));
      before.kill(former === 'stopped' ? 'SIGTERM' : 'SIGKILL');
      server = launch();
      await ended;
      await until('the next one answers', async () => (await serverPid()) !== pid, { timeoutMs: 100_000 });
    },
    control: (...args) =>
      new Promise((done, fail) => {
        const program = spawn('/usr/lib/rabbitmq/bin/rabbitmqctl', ['-n', node, ...args], {
          env: { ...environment, PATH: `/usr/lib/rabbitmq/bin:${process.env.PATH}` },
          stdio: 'ignore',
        });
        program.once('exit', (code) => (code === 0 ? done() : fail(new Error(`rabbitmqctl: ${code}`))));
      }),
    stop,
  };
}
