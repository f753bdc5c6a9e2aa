import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { freePortRange, freePorts, program } from '@tandem/common/testing';
import { endProcessesOf } from '../../src/checks/test-folder.ts';
import { Consul } from '../../src/cluster/consul.ts';
import { Nomad } from '../../src/cluster/nomad.ts';
import { until } from './until.ts';

/** So many ports has a node for its instances. */
const DYNAMIC_PORTS = 50;

export interface NodeSettings {
  class?: string;
  meta?: Record<string, string>;
  /** What the node says it has, so that "no room" can be provoked. */
  memoryMiB?: number;
  cpuMHz?: number;
  /** Without it no driver is there that runs our jobs. */
  rawExec?: boolean;
}

export interface AgentSettings {
  /** Nomad region, Nomad datacenter and Consul datacenter. */
  cloud?: string;
  /** One Nomad client each; one ordinary one unless told. */
  nodes?: NodeSettings[];
  /** Consul writes to disk what it has, as outside of tests; it starts a few seconds later. */
  durableConsul?: boolean;
}

export interface Agents {
  cloud: string;
  nomad: Nomad;
  consul: Consul;
  /** Temporary folder of these agents, gone after `stop`. */
  folder: string;
  /** Agents' own logs by name, for a look after a failure. */
  log(agent: string): string;
  /** kill -9 of `consul`, `nomad-server` or `nomad-client-0`. */
  kill(agent: string): Promise<void>;
  /** Starts one that was killed again, with the data that it has on disk: `consul` has some where it is durable. */
  revive(agent: string): void;
  /** Stops all jobs, waits for their instances to end, stops the agents and removes their data. */
  stop(): Promise<void>;
}

/**
 * A real Consul server, Nomad server and Nomad clients on free ports of loopback with data of their own. Ready when the
 * clients can take jobs: three to six seconds. Every Go program it starts is stopped with the test process, too.
 */
export async function startAgents(settings: AgentSettings = {}): Promise<Agents> {
  const cloud = settings.cloud ?? 'local';
  const nodes = settings.nodes ?? [{}];
  const folder = await mkdtemp(join(tmpdir(), 'tandem-agents-'));
  const [
    consulHttp = 0,
    consulRpc = 0,
    consulLan = 0,
    consulWan = 0,
    http = 0,
    rpc = 0,
    serf = 0,
    ...clients
  ] = await freePorts(7 + nodes.length);
  const running: { name: string; process: ChildProcess; exited: Promise<void>; again: () => void }[] = [];
  const killAll = () => {
    for (const agent of running) agent.process.kill('SIGKILL');
  };
  process.on('exit', killAll);

  const start = (name: string, command: string, args: string[]) => {
    const output = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: agentEnvironment(folder) });
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => output.end(resolve));
    });
    running.push({ name, process: child, exited, again: () => start(name, command, args) });
  };
  const log = (name: string) => readFileSync(join(folder, `${name}.log`), 'utf8');

  const consulAddress = `http://127.0.0.1:${consulHttp}`;
  const nomadAddress = `http://127.0.0.1:${http}`;
  const nomad = new Nomad({ address: nomadAddress, region: cloud, local: true });
  const consul = new Consul({ address: consulAddress, datacenter: cloud, local: true });

  const kill = async (name: string) => {
    const agent = running.findLast((each) => each.name === name);
    agent?.process.kill('SIGKILL');
    await agent?.exited;
  };

  const revive = (name: string) => running.findLast((each) => each.name === name)?.again();

  const stop = async () => {
    await stopJobs(nomad);
    for (const agent of running.toReversed()) {
      agent.process.kill('SIGINT');
      const patience = setTimeout(() => agent.process.kill('SIGKILL'), 5_000);
      await agent.exited;
      clearTimeout(patience);
    }
    consul.close();
    process.off('exit', killAll);
    // A task that was being started while its job was stopped outlives the client of Nomad.
    await endProcessesOf(folder);
    unmountBelow(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    start('consul', program('consul'), [
      ...(settings.durableConsul ? durableConsul(join(folder, 'consul')) : ['agent', '-dev']),
      ...['-datacenter', cloud, '-bind', '127.0.0.1', '-log-level', 'warn'],
      ...['-http-port', `${consulHttp}`, '-server-port', `${consulRpc}`, '-dns-port', '-1'],
      ...['-serf-lan-port', `${consulLan}`, '-serf-wan-port', `${consulWan}`],
      ...['-grpc-port', '-1', '-grpc-tls-port', '-1'],
    ]);
    const common = {
      region: cloud,
      datacenter: cloud,
      bind_addr: '127.0.0.1',
      log_level: 'WARN',
      disable_update_check: true,
      consul: { address: `127.0.0.1:${consulHttp}` },
    };
    await startAgent('nomad-server', {
      ...common,
      advertise: { http: '127.0.0.1', rpc: '127.0.0.1', serf: '127.0.0.1' },
      ports: { http, rpc, serf },
      server: {
        enabled: true,
        bootstrap_expect: 1,
        raft_multiplier: 1,
        // As everywhere; else Nomad ignores the hard limits of memory, and says so.
        default_scheduler_config: { memory_oversubscription_enabled: true },
      },
    });
    await until('Consul has a leader', () => consul.leader());
    await until('Nomad has a leader', () => nomad.leader());
    await until('Nomad can sign identities', async () => (await keyringReady(nomadAddress)) || null);
    for (const [i, node] of nodes.entries()) {
      await startAgent(`nomad-client-${i}`, {
        ...common,
        name: `node-${i}`,
        advertise: { http: '127.0.0.1', rpc: '127.0.0.1' },
        ports: { http: clients[i] },
        client: {
          enabled: true,
          servers: [`127.0.0.1:${rpc}`],
          network_interface: 'lo',
          // As in a local stack: no instance gets ::1.
          host_network: [{ ipv6: { cidr: '::1/128', reserved_ports: '1-65535' } }],
          ...(await dynamicPorts()),
          options: { 'fingerprint.denylist': 'env_aws,env_gce,env_azure,env_digitalocean' },
          ...(node.class === undefined ? {} : { node_class: node.class }),
          ...(node.meta === undefined ? {} : { meta: node.meta }),
          ...(node.memoryMiB === undefined ? {} : { memory_total_mb: node.memoryMiB }),
          ...(node.cpuMHz === undefined ? {} : { cpu_total_compute: node.cpuMHz }),
        },
        // Without it the client does not measure its instances at all.
        telemetry: [{ publish_allocation_metrics: true }],
        plugin: [{ raw_exec: [{ config: [{ enabled: node.rawExec ?? true }] }] }],
      });
    }
    await until('all Nomad clients are ready', async () => {
      const ready = (await nomad.nodes()).filter((node) => node.Status === 'ready');
      return ready.length === nodes.length;
    });
  } catch (error) {
    const logs = running.map(({ name }) => `--- ${name}\n${log(name)}`).join('\n');
    await stop();
    throw new Error(`the agents did not start\n${logs}`, { cause: error });
  }
  return { cloud, nomad, consul, folder, log, kill, revive, stop };

  async function startAgent(name: string, config: Record<string, unknown>): Promise<void> {
    const data = join(folder, name);
    await mkdir(data);
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify({ ...config, data_dir: data }));
    start(name, program('nomad'), ['agent', '-config', file]);
  }
}

function durableConsul(data: string): string[] {
  const raft = ['-hcl', 'performance { raft_multiplier = 1 }'];
  return ['agent', '-server', '-bootstrap-expect', '1', '-data-dir', data, ...raft];
}

/** Instances inherit it: the Node that runs the tests comes first. */
function agentEnvironment(folder: string): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), process.env.PATH ?? '', '/usr/sbin'].join(delimiter);
  // What they start can be found by it.
  return { HOME: process.env.HOME, PATH: path, LANG: 'C.UTF-8', TMPDIR: folder };
}

/** Other agents on this machine, and what they left behind, would answer for our instances. */
async function dynamicPorts(): Promise<{ min_dynamic_port: number; max_dynamic_port: number }> {
  const first = await freePortRange(DYNAMIC_PORTS);
  return { min_dynamic_port: first, max_dynamic_port: first + DYNAMIC_PORTS - 1 };
}

async function keyringReady(address: string): Promise<boolean> {
  const answer = await fetch(`${address}/.well-known/jwks.json`);
  return answer.ok && (await answer.text()).includes('"kid"');
}

async function stopJobs(nomad: Nomad): Promise<void> {
  try {
    const jobs = await nomad.jobs.list();
    await Promise.all(jobs.map(({ ID }) => nomad.jobs.deregister(ID)));
    await until('all instances have ended', async () => {
      const lists = await Promise.all(jobs.map(({ ID }) => nomad.jobs.allocations(ID, { all: true })));
      return lists.flat().every((a) => a.ClientStatus !== 'running' && a.ClientStatus !== 'pending');
    });
  } catch {
    // A test may have stopped Nomad itself; its data goes all the same.
  }
}

/** As root, Nomad mounts the secrets folder of every instance, and leaves it mounted when it stops. */
function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts) execFileSync('umount', [path]);
}
