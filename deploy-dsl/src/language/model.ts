/**
 * The model: what one environment of `services.yml` means, after defaults and overrides are merged and every
 * shorthand is spelled out. The language produces it; compile, plan and deploy read it. No positions in here:
 * they are in the `Origins` beside it, addressed by the path of a value in this structure.
 *
 * Units are in the names: memory in MiB, cpu in MHz, durations in milliseconds, sizes in bytes.
 */
export interface Model {
  environment: string;
  /** True for the environment that runs on this machine. */
  local: boolean;
  driver: 'raw_exec' | 'docker';
  /** Prefix of images that name no registry of their own. */
  registry: string | null;
  /** Host name of the edge; null answers for every host name. */
  domain: string | null;
  /** In rollout order. One Nomad region and one Consul datacenter each. */
  clouds: Cloud[];
  services: Record<string, Service>;
  edge: EdgeSettings;
  rabbitmq: RabbitmqSettings;
}

export interface Cloud {
  name: string;
  /** The provider's region; null on the local machine. */
  region: string | null;
  zones: string[];
  /** Machines by class; `default` always exists. Null where the capacity is not stated. */
  nodes: Record<string, NodeClass> | null;
}

export interface NodeClass {
  count: number;
  cpuMHz: number;
  memoryMiB: number;
}

export interface Service {
  name: string;
  /** What runs under the docker driver, tag included; null when the environment runs commands. */
  image: string | null;
  /** The image's tag, or what the service is told as its version; null for "this working tree". */
  version: string | null;
  /** Argument vector, the program first; null leaves the image's own entry point. */
  command: string[] | null;
  /** Folder of the service, relative to the folder of the YAML file. */
  directory: string;
  /** By cloud name; a cloud with no entry runs none. */
  instances: Record<string, Instances>;
  cpuMHz: number;
  memory: Memory;
  /** Class of machine it must run on, `default` for any of the ordinary ones. */
  class: string;
  routes: Route[];
  /** Started before this service (services and their Redis), transitive order by the deploy. */
  needs: string[];
  /** Services it sends requests to. */
  calls: string[];
  /** Events it publishes on the topic exchange `events`. */
  publishes: string[];
  consumes: Consume[];
  redis: RedisSettings | null;
  secrets: Secret[];
  env: Record<string, string>;
  health: Health;
  update: Update;
  ports: Port[];
  volumes: Volume[];
  /** Spread instances over this; null packs them. */
  spread: 'zone' | 'node' | null;
}

export interface Instances {
  min: number;
  /** Equal to min for a fixed count; above it the autoscaler owns the count. */
  max: number;
}

export interface Memory {
  /** What the scheduler reserves. */
  softMiB: number;
  /** Where the task is killed; equal to soft when nothing else is said. */
  hardMiB: number;
}

export interface Route {
  /** Path prefix, starting with "/", matched on whole segments, passed on unchanged. */
  path: string;
  websocket: boolean;
  /** Largest request body accepted, in bytes. */
  bodyBytes: number;
  /** The edge waits this long for the service between two reads, or in a WebSocket for the next message. */
  timeoutMs: number;
  limit: RateLimit | null;
}

export interface RateLimit {
  requests: number;
  per: 'second' | 'minute';
  /** Who is counted: the client's address, or the bearer of the token (falls back to the address). */
  by: 'address' | 'user';
}

export interface Consume {
  /** Queue name, `<service>.<name>`. */
  queue: string;
  /** Routing keys bound to the exchange `events`, `*` and `#` allowed. */
  events: string[];
  /** Unacknowledged messages at once per instance. */
  prefetch: number;
  /** Waits before each redelivery, in ms; after the last one the message goes to the dead letters. */
  retriesMs: number[];
}

export interface RedisSettings {
  /** True: one per service and cloud, with an append-only file. False: a cache beside each instance. */
  persistent: boolean;
  memoryMiB: number;
  /** Connections an instance opens. */
  pool: number;
}

export interface Secret {
  name: string;
  /** How `up` and `deploy` make it where it does not exist yet; null: an operator must set it. */
  generate: 'rsa-2048' | 'random-32' | null;
}

export interface Health {
  /** Answers 200 when the instance can take requests. */
  path: string;
  /** Answers 200 as long as the process works; null: nobody asks. */
  live: string | null;
  intervalMs: number;
  timeoutMs: number;
}

export interface Update {
  /** Share of requests the canary gets, in percent; null rolls without a canary. */
  canaryPercent: number | null;
  /** How long a healthy canary must serve before it is promoted. */
  bakeMs: number;
  /** How long an instance must be healthy before it counts. */
  healthyMs: number;
  /** After this long without becoming healthy the deploy fails. */
  deadlineMs: number;
  /** Instances replaced at once. */
  parallel: number;
  /** Go back to the previous version by itself. */
  revert: boolean;
  /** How long an instance that has left the edge may finish its work before it is killed. */
  drainMs: number;
}

export interface Port {
  name: string;
  from: number;
  /** Equal to from for one port. */
  to: number;
  protocol: 'tcp' | 'udp';
  /** All instances of a machine have it in common, and each takes what is free. */
  shared: boolean;
}

export interface Volume {
  name: string;
  /** Where the service sees it. */
  path: string;
}

export interface EdgeSettings {
  port: number;
  /** Default limit on every route, per address. */
  limit: RateLimit;
  memoryMiB: number;
}

export interface RabbitmqSettings {
  memoryMiB: number;
  /** Connections the server admits; checked against services × instances × pool. */
  connections: number;
  /** Connections each instance of a service that publishes or consumes opens. */
  pool: number;
}
