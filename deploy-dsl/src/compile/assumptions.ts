import { runtime } from './runtime.ts';
/**
 * What the compiled jobs take for granted of the machines they run on. Whoever starts the agents (`./tandem up` on this
 * machine, Ansible elsewhere) has to provide it.
 *
 * Everywhere
 * - Nomad region, Nomad datacenter and Consul datacenter are named as the cloud (`local`, `aws`, …).
 * - A Consul agent on the same machine answers at 127.0.0.1:8500 (plus the port offset of a local stack), and Nomad's
 *   client registers there; the Nomad servers have memory oversubscription switched on (`memory_max`).
 * - Nomad's client has `max_kill_timeout` of at least the longest `drain`, else it cuts drains short at 30 s.
 * - Nomad's client has `template { }` with Consul and Nomad's own API reachable (the default).
 *
 * This machine (driver raw_exec)
 * - Node meta as in `nodeMeta` below; `network_interface = "lo"`, so that instances get 127.0.0.1.
 * - `node`, `nginx`, `consul-template`, `redis-server`, `rabbitmq-server` and a POSIX `sh` on the client's PATH.
 *
 * Elsewhere (driver docker)
 * - Node class (`node_class`) as in `services.yml`, `default` for the ordinary machines; node meta `zone`, and
 *   `public_address` where services with fixed ports run, whose firewall lets these ports in.
 * - Host volumes: `<service>-redis` for a persistent Redis, `<service>-<volume>` for the volumes of a service, and
 *   `rabbitmq`. Nomad only places such a job where its volume is.
 * - Nomad variable `nomad/jobs` (readable to every job) with the item `rabbitmq_password`.
 * - Docker logged in where the registries of `services.yml` ask for it.
 */
export const nodeMeta = {
  /** Folder of the project: of its command, and of the packages of every service in its node_modules. */
  root: runtime('meta.tandem_root'),
  /** Folder for what outlives an instance; each job has a folder of its own name in it. */
  data: runtime('meta.tandem_data'),
  /** Folder of the builds, `<service>-<digest>/service` each. */
  builds: runtime('meta.tandem_builds'),
  /** Availability zone of a machine in a cloud. */
  zone: runtime('meta.zone'),
  /** Address or name under which a machine in a cloud is reached from outside. */
  publicAddress: runtime('meta.public_address'),
} as const;

/** Folder beside those of the jobs' data, where plain processes keep what Node has compiled. No job has such a name. */
export const compileCacheFolder = '.node-compile-cache';

/** Of the project, what Node loads before a service that runs from the working tree. */
export const preloadedFile = 'deploy-dsl/src/packed/preload.ts';

/** Ports of the platform, before the offset of a local stack. */
export const platformPorts = {
  consul: 8500,
  amqp: 5672,
  management: 15672,
  epmd: 4369,
  distribution: 25672,
} as const;

/** RabbitMQ's own default account, which it admits from this machine only. */
export const localRabbitmqAccount = { user: 'guest', password: 'guest' } as const;

/** RabbitMQ's user elsewhere; a Nomad variable holds the password. */
export const cloudRabbitmqUser = 'tandem';

/** Consul's key for the edge's template, in the datacenter of each cloud. */
export const edgeTemplateKey = 'tandem/edge/template';

/**
 * Containers of the platform. Exact versions: the same file must start the same programs tomorrow.
 * The versions are those the templates and scripts are written for.
 */
export const images = {
  nginx: 'nginx:1.28.0',
  consulTemplate: 'hashicorp/consul-template:0.41.3',
  redis: 'redis:7.2.5',
  rabbitmq: 'rabbitmq:3.13.7-management',
} as const;
