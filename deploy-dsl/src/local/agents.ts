import { join } from 'node:path';
import { type Ports, reservedPorts } from './ports.ts';
import type { State } from './state.ts';

export type AgentName = 'consul' | 'nomad-server' | 'nomad-client';

/** In start order: each needs the ones before it. */
export const agentNames: readonly AgentName[] = ['consul', 'nomad-server', 'nomad-client'];

/** What an agent is started with. */
export interface Agent {
  name: AgentName;
  program: 'consul' | 'nomad';
  configuration: Record<string, unknown>;
  /** Those it listens on. */
  ports: number[];
}

const address = '127.0.0.1';
/** Region, datacenter and Consul datacenter of this machine: the name of its cloud in services.yml. */
const cloud = 'local';

/** The name of this machine in Consul and of its client in Nomad. */
export const nodeName = 'local';

/** The agents of a stack: everything on loopback, all data below the state folder. */
export function agentsOf(root: string, state: State, ports: Ports): Record<AgentName, Agent> {
  return {
    consul: consul(state, ports),
    'nomad-server': nomadServer(state, ports),
    'nomad-client': nomadClient(root, state, ports),
  };
}

/** Path of the agent's configuration. */
export function configurationOf(state: State, name: AgentName): string {
  return join(state.run, `${name}.json`);
}

export function logOf(state: State, name: AgentName): string {
  return join(state.logs, `${name}.log`);
}

function consul(state: State, ports: Ports): Agent {
  return {
    name: 'consul',
    program: 'consul',
    ports: [
      ports.consul,
      ports.consulDns,
      ports.consulRpc,
      ports.consulSerf,
      ports.consulSerfWan,
      ports.consulGrpc,
    ],
    configuration: {
      datacenter: cloud,
      node_name: nodeName,
      data_dir: join(state.data, 'consul'),
      server: true,
      bootstrap_expect: 1,
      bind_addr: address,
      client_addr: address,
      ports: {
        http: ports.consul,
        dns: ports.consulDns,
        server: ports.consulRpc,
        serf_lan: ports.consulSerf,
        serf_wan: ports.consulSerfWan,
        grpc: ports.consulGrpc,
        grpc_tls: -1,
      },
      // The default spares slow networks and elects a leader in ten seconds instead of two.
      performance: { raft_multiplier: 1 },
      // By default a check that fails on for another reason is shown with its first words for five minutes.
      check_update_interval: '0s',
      connect: { enabled: false },
      ui_config: { enabled: true },
      disable_update_check: true,
      log_level: 'INFO',
    },
  };
}

function nomadServer(state: State, ports: Ports): Agent {
  return {
    name: 'nomad-server',
    program: 'nomad',
    ports: [ports.nomad, ports.nomadRpc, ports.nomadSerf],
    configuration: {
      ...nomad(ports),
      name: 'server',
      data_dir: join(state.data, 'nomad-server'),
      ports: { http: ports.nomad, rpc: ports.nomadRpc, serf: ports.nomadSerf },
      advertise: {
        http: `${address}:${ports.nomad}`,
        rpc: `${address}:${ports.nomadRpc}`,
        serf: `${address}:${ports.nomadSerf}`,
      },
      server: {
        enabled: true,
        bootstrap_expect: 1,
        raft_multiplier: 1,
        // Hard memory limits above what is reserved are off unless this says otherwise, and only at the first start.
        default_scheduler_config: { memory_oversubscription_enabled: true },
      },
      ui: { enabled: true, consul: { ui_url: `http://${address}:${ports.consul}/ui` } },
    },
  };
}

function nomadClient(root: string, state: State, ports: Ports): Agent {
  return {
    name: 'nomad-client',
    program: 'nomad',
    ports: [ports.nomadClient],
    configuration: {
      ...nomad(ports),
      name: nodeName,
      data_dir: join(state.data, 'nomad-client'),
      ports: { http: ports.nomadClient },
      advertise: { http: `${address}:${ports.nomadClient}`, rpc: address },
      client: {
        enabled: true,
        servers: [`${address}:${ports.nomadRpc}`],
        // Instances advertise the address of this interface.
        network_interface: 'lo',
        // The interface has ::1, too. Nomad gives that to an instance whose port is held on 127.0.0.1 by the one before it,
        // and nobody finds it there: all of its ports are taken.
        host_network: [{ ipv6: { cidr: '::1/128', reserved_ports: '1-65535' } }],
        node_class: 'default',
        meta: { tandem_root: root, tandem_data: state.jobs, tandem_builds: state.builds, zone: 'local-a' },
        options: {
          // On a machine outside these clouds each waits for an address that never answers.
          'fingerprint.denylist': 'env_aws,env_gce,env_azure,env_digitalocean',
          'driver.allowlist': 'raw_exec,docker',
        },
        min_dynamic_port: ports.dynamicFrom,
        max_dynamic_port: ports.dynamicTo,
        reserved: { reserved_ports: reservedPorts(ports).join(',') },
        // Nomad's 30 s would cut off what services.yml calls drain.
        max_kill_timeout: '4h',
        // On a disk that is nearly full Nomad would throw away the logs of ended instances at once.
        gc_disk_usage_threshold: 99,
      },
      plugin: { raw_exec: { config: { enabled: true } } },
    },
  };
}

function nomad(ports: Ports): Record<string, unknown> {
  return {
    region: cloud,
    datacenter: cloud,
    bind_addr: address,
    consul: { address: `${address}:${ports.consul}` },
    telemetry: { publish_allocation_metrics: true, publish_node_metrics: true, prometheus_metrics: true },
    disable_update_check: true,
    log_level: 'INFO',
  };
}
