import { defineError, type Place } from './define.ts';

/** TDM-310 … 329: what Nomad, Consul, nginx and RabbitMQ say about a service, pointed at the line that caused it. */

export const jobRejected = defineError(
  'TDM-310',
  'Nomad did not accept a job that was compiled from services.yml.',
  (at: Place, job: string, cloud: string, reasons: string[]) => ({
    title: `Nomad in ${cloud} rejected the job "${job}"`,
    at,
    caption: reasons[0],
    evidence: reasons.slice(1),
  }),
);

export const noRoom = defineError(
  'TDM-311',
  'No node of the cloud has as much memory, CPU or disk left as an instance asks for.',
  (at: Place, job: string, cloud: string, what: string, wanted: string, seen: string[]) => ({
    title: `no node in ${cloud} has room for "${job}": ${what} is short`,
    at,
    caption: wanted === '' ? undefined : `each instance asks for ${wanted}`,
    evidence: seen,
    help: [
      `ask for less, run fewer instances, or add nodes to ${cloud}`,
      '`./tandem status` shows who uses how much',
    ],
  }),
);

export const noSuchNode = defineError(
  'TDM-312',
  'No node of the cloud is of the class, or has the property, that a service must run on.',
  (at: Place, job: string, cloud: string, condition: string, seen: string[]) => ({
    title: `no node in ${cloud} suits "${job}"`,
    at,
    caption: condition,
    evidence: seen,
    help: [`add such a node to ${cloud}, or change this line`],
  }),
);

export const noNodes = defineError(
  'TDM-313',
  'A cloud has no node that takes instances: none is up, or all are drained.',
  (at: Place, job: string, cloud: string, local: boolean) => ({
    title: `"${job}" has nowhere to run: no node in ${cloud} takes instances`,
    at,
    help: local
      ? ['`./tandem up` starts the Nomad client of this machine']
      : [`look at the Nomad clients of ${cloud}: are they up, and not drained?`],
  }),
);

export const driverMissing = defineError(
  'TDM-314',
  'No node of the cloud has the driver (docker, raw_exec) that the environment runs services with.',
  (at: Place, job: string, cloud: string, driver: string, seen: string[]) => ({
    title: `no node in ${cloud} can run "${job}": the driver ${driver} is missing or unhealthy`,
    at,
    evidence: seen,
    help:
      driver === 'docker'
        ? ['is the Docker daemon running on the nodes?']
        : [`enable the plugin ${driver} in the Nomad clients’ configuration`],
  }),
);

export const portHeld = defineError(
  'TDM-315',
  'A fixed port that a service asks for is held by other instances on every node.',
  (at: Place, job: string, cloud: string, port: string) => ({
    title: `no node in ${cloud} has the port ${port} free for "${job}"`,
    at,
    help: ['a fixed port allows one instance per node: run fewer instances, or choose another port'],
  }),
);

export const unhealthy = defineError(
  'TDM-316',
  'An instance runs, but its health check fails or never answered.',
  (at: Place, job: string, where: string, caption: string, evidence: string[], help: string[]) => ({
    title: `"${job}" is not healthy: instance ${where}`,
    at,
    caption,
    evidence,
    help,
  }),
);

export const notStarted = defineError(
  'TDM-317',
  'A program or an image of a service could not be started: it was not found, or its settings are wrong.',
  (at: Place, job: string, where: string, caption: string, evidence: string[], help: string[]) => ({
    title: `"${job}" could not be started: instance ${where}`,
    at,
    caption,
    evidence,
    help,
  }),
);

export const exited = defineError(
  'TDM-318',
  'The process of a service ended by itself, with an error or a signal.',
  (at: Place, job: string, where: string, how: string, log: string[], help: string[]) => ({
    title: `"${job}" ended by itself (${how}): instance ${where}`,
    at,
    evidence: log.length > 0 ? log : ['(it wrote nothing)'],
    help: [...help, `\`./tandem logs ${job}\` shows all of its log`],
  }),
);

export const outOfMemory = defineError(
  'TDM-319',
  'The kernel killed a service because it used more memory than it may.',
  (at: Place, job: string, where: string, limit: string, log: string[]) => ({
    title: `"${job}" was killed for using more memory than it may: instance ${where}`,
    at,
    caption: limit === '' ? undefined : `it may use ${limit}`,
    evidence: log,
    help: ['raise the limit here, or find out what fills the memory: its last log lines are above'],
  }),
);

export const secretAbsent = defineError(
  'TDM-320',
  'An instance waits for a secret that nobody has set.',
  (at: Place, service: string, secret: string | null, message: string) => ({
    title: `"${service}" waits for ${secret === null ? 'a secret' : `the secret "${secret}"`} that is not set`,
    at,
    evidence: [message],
    help: [
      `set it: \`./tandem secret set ${service} ${secret ?? 'NAME'} < file\`; the instance then starts by itself`,
      '`./tandem secret list` shows which secrets are set',
    ],
  }),
);

export const templateFailed = defineError(
  'TDM-321',
  'A template of a job cannot be rendered on the node.',
  (at: Place, job: string, where: string, message: string) => ({
    title: `a file that "${job}" needs cannot be written: instance ${where}`,
    at,
    evidence: message.split('\n'),
  }),
);

export const nginxRefused = defineError(
  'TDM-322',
  'nginx refused the configuration that the routes were compiled to; the last good one, if there is one, still serves.',
  (
    at: Place,
    cloud: string,
    message: string,
    excerpt: string[],
    { fromFile, othersServe }: { fromFile: boolean; othersServe: boolean },
  ) => ({
    title: othersServe
      ? `nginx in ${cloud} refused the new routes; the old ones still serve`
      : `nginx in ${cloud} refused the routes; it has none yet to serve instead`,
    at,
    caption: message,
    evidence: excerpt,
    help: fromFile
      ? ['`./tandem routes` shows what each path leads to']
      : [
          'no line of the file says this: the nginx of this cloud may be too old for Tandem, or lack a module (`nginx -V`)',
        ],
  }),
);

export const queueRefused = defineError(
  'TDM-323',
  'RabbitMQ refused an exchange, a queue or a binding, in most cases because it exists with other properties.',
  (at: Place, what: string, message: string, differs: boolean) => ({
    title: `RabbitMQ refused the ${what}`,
    at,
    caption: message,
    help: differs
      ? [
          'it exists with other properties, which cannot be changed in place: let its consumers empty it, delete it, and deploy again',
          'or give it a new name',
        ]
      : [],
  }),
);

export const queuesHeld = defineError(
  'TDM-324',
  'RabbitMQ is short of memory or disk, and takes no messages until it has more.',
  (at: Place, node: string, resource: string, limitMiB: number) => ({
    title: `RabbitMQ is short of ${resource} (${node}) and takes no messages`,
    at,
    caption: resource === 'memory' ? `it may use ${limitMiB} MiB in all` : undefined,
    help:
      resource === 'memory'
        ? [
            'give it more: `rabbitmq: { memory: … }`',
            'or let consumers empty the longest queues: the management page of RabbitMQ lists them by length',
          ]
        : ['free disk space on its machine: it wants 256 MB at least'],
  }),
);
