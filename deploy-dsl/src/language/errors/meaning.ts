import type { Label } from '../diagnostic.ts';
import { defineError, defineWarning, type Place } from './define.ts';

/** Errors of what the file says: names that lead nowhere, clashes, and what no cluster could hold. */

/** The first names of a list that may be as long as the file. */
function someOf(names: Iterable<string>): string {
  const shown = Iterator.from(names).take(11).toArray();
  return shown.length > 10 ? [...shown.slice(0, 10), '...'].join(', ') : shown.join(', ');
}

// Names

export const unknownService = defineError(
  'TDM-201',
  '`needs`, `calls` or an environment names a service that is not under `services:`.',
  (at: Place, name: string, near: string, count: number) => ({
    title: `unknown service "${name}"`,
    at,
    caption: `no service of this name${near}`,
    help: [`services are the keys under "services:" (${count} in this file)`],
  }),
);

export const serviceLeftOut = defineError(
  'TDM-202',
  '`needs` or `calls` names a service that this environment leaves out with `false`.',
  (at: Place, name: string, environment: string, labels: Label[]) => ({
    title: `service "${name}" is left out of environment ${environment}`,
    at,
    caption: 'needed here',
    labels,
    help: ['leave out both, or none'],
  }),
);

export const needsCycle = defineError(
  'TDM-203',
  'Services need each other in a circle, so that none could be started first.',
  (at: Place, cycle: string[], labels: Label[]) => ({
    title: cycle.length === 1 ? `service "${cycle[0]}" needs itself` : 'services need each other in a circle',
    at,
    caption: [...cycle, cycle[0]].join(' → '),
    labels,
    help: [
      '"needs" is about the start only; for requests between services "calls" is enough, and may go in circles',
    ],
  }),
);

export const unknownCloud = defineError(
  'TDM-204',
  'A cloud is named that is not under `clouds:`.',
  (at: Place, name: string, near: string, clouds: ReadonlySet<string>) => ({
    title: `unknown cloud "${name}"`,
    at,
    caption: `no cloud of this name${near}`,
    help: [`clouds are the keys under "clouds:", and "local": ${someOf(clouds)}`],
  }),
);

export const localIsNotAlone = defineError(
  'TDM-205',
  'An environment names `local`, this machine, together with other clouds.',
  (at: Place) => ({
    title: '"local" cannot be mixed with other clouds',
    at,
    caption: 'this machine is not reachable from a cloud',
    help: ['make an environment of its own for this machine'],
  }),
);

export const noClouds = defineError(
  'TDM-206',
  'An environment has no cloud to run in.',
  (at: Place, name: string) => ({
    title: `environment "${name}" has no cloud to run in`,
    at,
    caption: 'the file has no "clouds:"',
    help: ['add "clouds:" to the file, or "clouds: [local]" here to run it on this machine'],
  }),
);

export const reservedService = defineError(
  'TDM-207',
  'A service has a name that Tandem gives to a job of its own.',
  (at: Place, name: string, owner: string) => ({
    title: `a service cannot be called "${name}"`,
    at,
    caption: `this is the name of ${owner}`,
    help: ['choose another name'],
  }),
);

export const cloudTwice = defineError(
  'TDM-208',
  'An environment names a cloud twice.',
  (at: Place, name: string) => ({
    title: `cloud "${name}" is there twice`,
    at,
    caption: 'the second one',
    help: ['remove one'],
  }),
);

// Values that do not go together

export const rangeReversed = defineError(
  'TDM-209',
  'A range ends before it begins: of instances, or of ports.',
  (at: Place, text: string, from: number, to: number) => ({
    title: `the range ${text} ends before it begins`,
    at,
    caption: `${from} is more than ${to}`,
    help: [`write ${to}..${from}`],
  }),
);

export const hardBelowSoft = defineError(
  'TDM-210',
  'The hard memory limit is below the soft one.',
  (at: Place, soft: number, hard: number, labels: Label[]) => ({
    title: 'the hard memory limit is below the soft one',
    at,
    caption: `${hard} MiB would kill it before it uses the ${soft} MiB it reserves`,
    labels,
    help: ['"soft" is what is reserved, "hard" is where the instance is killed'],
  }),
);

export const versionMissing = defineError(
  'TDM-211',
  'An environment runs images, and a service there has no version.',
  (at: Place, service: string, environment: string) => ({
    title: `service "${service}" has no version in environment ${environment}`,
    at,
    caption: 'which image is to run?',
    help: [
      `add under environments.${environment}.services: "${service}: { version: 1.0.0 }"`,
      'or run it from its folder with "driver: raw_exec"',
    ],
  }),
);

export const versionTwice = defineError(
  'TDM-212',
  'The tag of `image` and `version` differ.',
  (at: Place, version: string, tag: string, labels: Label[]) => ({
    title: `two versions: "${version}" and the tag "${tag}" of the image`,
    at,
    caption: 'this one, or the tag?',
    labels,
    help: ['leave the tag out of "image"; it is taken from "version"'],
  }),
);

// Routes

export const routeTwice = defineError(
  'TDM-213',
  'Two routes have the same path.',
  (at: Place, path: string, owner: string, labels: Label[]) => ({
    title: `two routes have the path ${path}`,
    at,
    caption: `it leads to "${owner}" already`,
    labels,
    help: ['remove one of them, or make a path longer: the longest prefix wins'],
  }),
);

export const routeShadowed = defineWarning(
  'TDM-214',
  'A route takes a part of the paths below a route of another service.',
  (at: Place, path: string, shorter: string, owner: string, labels: Label[]) => ({
    title: `the route ${path} takes requests from ${shorter}`,
    at,
    caption: `"${owner}" never sees these`,
    labels,
    help: ['the longest prefix wins; if this is meant, nothing needs to be done'],
  }),
);

export const routeReserved = defineError(
  'TDM-215',
  'A route has a path that the edge answers itself.',
  (at: Place, path: string) => ({
    title: `the path ${path} belongs to the edge`,
    at,
    caption: 'answered by the edge itself',
    help: ['choose another path'],
  }),
);

export const websocketTimeout = defineWarning(
  'TDM-216',
  'A WebSocket route has a time-out of less than a minute.',
  (at: Place, path: string, seconds: number) => ({
    title: `WebSockets of ${path} are closed after ${seconds} s of silence`,
    at,
    caption: 'short for a WebSocket',
    help: ['leave "timeout" out for one hour, or make sure that a ping is sent more often than this'],
  }),
);

// Events

export const queueTwice = defineError(
  'TDM-217',
  'A service has two queues of the same name.',
  (at: Place, queue: string, labels: Label[]) => ({
    title: `the queue "${queue}" is there twice`,
    at,
    caption: 'the second one',
    labels,
    help: ['give one of them a name of its own with "queue:"'],
  }),
);

export const neverPublished = defineWarning(
  'TDM-218',
  'A service consumes an event that no service of the environment publishes.',
  (at: Place, pattern: string, near: string) => ({
    title: `no service publishes "${pattern}"`,
    at,
    caption: `nothing will arrive${near}`,
    help: ['add it to "publishes:" of the service that sends it'],
  }),
);

export const neverConsumed = defineWarning(
  'TDM-219',
  'A service publishes an event that no service of the environment consumes.',
  (at: Place, event: string) => ({
    title: `no service consumes "${event}"`,
    at,
    caption: 'published, then dropped',
    help: ['add it to "consumes:" of a service, or leave it out here until one needs it'],
  }),
);

// Ports and machines

export const portClash = defineError(
  'TDM-220',
  'Two services want the same fixed port of the same machines.',
  (at: Place, port: string, other: string, labels: Label[]) => ({
    title: `port ${port} is wanted twice`,
    at,
    caption: `"${other}" has it already`,
    labels,
    help: ['choose another port, or let them run on machines of different classes'],
  }),
);

export const portReserved = defineError(
  'TDM-221',
  'A service wants a port that the platform itself uses.',
  (at: Place, port: string, owner: string) => ({
    title: `port ${port} belongs to ${owner}`,
    at,
    caption: 'taken on every machine',
    help: ['choose another port'],
  }),
);

export const portPerMachine = defineError(
  'TDM-222',
  'A service with fixed ports has more instances than there are machines to run on.',
  (
    at: Place,
    service: string,
    cloud: string,
    instances: number,
    { machines, perMachine }: { machines: number; perMachine: number },
    labels: Label[],
  ) => ({
    title: `${instances} instances of "${service}" find no fixed ports for all of them`,
    at,
    caption:
      `${cloud} has ${machines} ${machines === 1 ? 'machine' : 'machines'} for it, ` +
      `each holds ${perMachine === 1 ? 'one instance' : `${perMachine} instances`}`,
    labels,
    help: ['fewer instances, more machines, or a range that they share: 40000..40063/udp shared'],
  }),
);

export const unknownClass = defineError(
  'TDM-223',
  'A service wants a class of machines that a cloud does not have.',
  (at: Place, name: string, near: string, cloud: string, classes: string[]) => ({
    title: `no machines of class "${name}" in ${cloud}`,
    at,
    caption: `no such class${near}`,
    help: [`classes of ${cloud}: ${someOf(classes)}`],
  }),
);

export const tooLargeForNode = defineError(
  'TDM-224',
  'An instance reserves more memory or CPU than any machine of its class has.',
  (at: Place, service: string, cloud: string, wanted: string, has: string) => ({
    title: `no machine in ${cloud} can hold an instance of "${service}"`,
    at,
    caption: `reserves ${wanted}; a machine has ${has}`,
    help: ['reserve less, or run it on a larger class of machines'],
  }),
);

export const cloudOverbooked = defineWarning(
  'TDM-225',
  'All instances together reserve more memory or CPU than the machines of a class have.',
  (at: Place, cloud: string, name: string, wanted: string, has: string, largest: string[]) => ({
    title: `not everything fits into the ${name} machines of ${cloud}`,
    at,
    caption: `they have ${has}; ${wanted} are reserved`,
    help: [`the largest: ${largest.join(', ')}`, 'add machines, or run fewer instances'],
  }),
);

export const tooManyConnections = defineError(
  'TDM-226',
  'The smallest number of instances opens more connections than RabbitMQ admits.',
  (at: Place, connections: number, limit: number, largest: string[]) => ({
    title: `${connections.toLocaleString('en')} connections to RabbitMQ, which admits ${limit.toLocaleString('en')}`,
    at,
    caption: 'services × instances × pool is more',
    help: [`the most: ${largest.join(', ')}`, 'raise "rabbitmq.connections", or lower "rabbitmq.pool"'],
  }),
);

export const maybeTooManyConnections = defineWarning(
  'TDM-227',
  'With all services scaled to their maximum, more connections are opened than RabbitMQ admits.',
  (at: Place, connections: number, limit: number, largest: string[]) => ({
    title: `up to ${connections.toLocaleString('en')} connections to RabbitMQ, which admits ${limit.toLocaleString('en')}`,
    at,
    caption: 'when everything is scaled out',
    help: [
      `the most: ${largest.join(', ')}`,
      'raise "rabbitmq.connections", or lower the maximum of instances',
    ],
  }),
);

// State

export const dataPerCloud = defineWarning(
  'TDM-228',
  'A service with a persistent Redis runs in several clouds and does not hear its own events.',
  (at: Place, service: string, clouds: string[]) => ({
    title: `"${service}" keeps separate data in ${clouds.join(' and ')}`,
    at,
    caption: 'one Redis per cloud, and neither learns from the other',
    help: [
      'let it consume the events it publishes, so that each cloud hears what the other did',
      `or run it in one cloud: "instances: { ${clouds[0]}: 2 }"`,
    ],
  }),
);

export const cacheMissesEvents = defineWarning(
  'TDM-229',
  'A service with a cache beside each instance consumes events with several instances.',
  (at: Place, service: string, labels: Label[]) => ({
    title: `only one instance of "${service}" learns of each event`,
    at,
    caption: 'each instance has a cache of its own',
    labels,
    help: [
      'instances share a queue: each message reaches one of them, and the caches of the others stay as they were',
      'share the data with "redis: { persistent: true }", or run one instance',
    ],
  }),
);

// Updates

export const canaryAlone = defineWarning(
  'TDM-230',
  'A service has a canary, but only one instance to compare it with.',
  (at: Place, service: string, cloud: string, labels: Label[]) => ({
    title: `the canary of "${service}" has one instance beside it in ${cloud}`,
    at,
    caption: 'a canary needs two instances or more to say something',
    labels,
    help: ['run two instances, or leave the canary out'],
  }),
);

export const reservedVariable = defineError(
  'TDM-231',
  'An environment variable has a name that Tandem sets itself.',
  (at: Place, name: string) => ({
    title: `the variable ${name} is set by Tandem`,
    at,
    caption: 'this value would be lost',
    help: ['choose another name; docs/services-yml.md lists the variables of a service'],
  }),
);

export const secretInTheOpen = defineWarning(
  'TDM-232',
  'An environment variable looks like a secret and has its value in the file.',
  (at: Place, name: string) => ({
    title: `${name} looks like a secret`,
    at,
    caption: 'everyone who reads this file reads it too',
    help: ['name it under "secrets:" and set it with `./tandem secret set`'],
  }),
);

export const referenceInVariable = defineWarning(
  'TDM-240',
  'The value of an environment variable refers to something that Nomad knows; the service gets it as it is written.',
  (at: Place, name: string, reference: string) => ({
    title: `${name} is passed on as it is: nothing is put in for ${reference}`,
    at,
    caption: 'reaches the service with these very characters',
    help: [
      'the service finds what Nomad says of its instance in variables of its own: NOMAD_ALLOC_ID and so on',
    ],
  }),
);

export const runsNowhere = defineWarning(
  'TDM-233',
  '`needs` or `calls` names a service that has no instance in this environment.',
  (at: Place, name: string, environment: string) => ({
    title: `"${name}" has no instance in environment ${environment}`,
    at,
    caption: 'nobody will answer',
    help: [`give it instances, or leave it out with "${name}: false"`],
  }),
);

export const defaultWithoutEffect = defineWarning(
  'TDM-234',
  'A default of an environment changes nothing, because every service says something else itself.',
  (at: Place, key: string, environment: string) => ({
    title: `this default of ${environment} changes nothing`,
    at,
    caption: `every service has "${key}" of its own`,
    help: [
      'a service wins over the defaults, also those of an environment',
      `to change a service in ${environment} only, use environments.${environment}.services`,
    ],
  }),
);

export const deadlineTooEarly = defineError(
  'TDM-235',
  'The deadline of an update is not later than the time an instance must be healthy.',
  (at: Place, deadline: string, healthy: string, labels: Label[]) => ({
    title: 'the deadline comes before an instance can count as healthy',
    at,
    caption: `${deadline} is not more than ${healthy}`,
    labels,
    help: ['"deadline" is how long it may take at most until an instance was healthy for "healthy"'],
  }),
);

export const portOutOfRange = defineError('TDM-236', 'A port is not between 1 and 65535.', (at: Place) => ({
  title: 'a port is out of range',
  at,
  caption: 'ports go from 1 to 65535',
}));

export const durationOutOfRange = defineError(
  'TDM-238',
  'A duration is shorter or longer than its key allows.',
  (at: Place, what: string, shortest: string, longest: string) => ({
    title: `${what} is out of range`,
    at,
    caption: `from ${shortest} to ${longest}`,
  }),
);

export const portRangeTooWide = defineError(
  'TDM-239',
  'A range of ports is wider than 1,000 ports.',
  (at: Place, ports: number, most: number) => ({
    title: `a range of ${ports.toLocaleString('en')} ports`,
    at,
    caption: `at most ${most.toLocaleString('en')}`,
    help: ['Nomad reserves every single one for each instance'],
  }),
);

// Contracts

export const notInFile = defineError(
  'TDM-250',
  'The contract in the folder of a service says that it calls, publishes or consumes something, and the file does not.',
  (at: Place, service: string, key: 'calls' | 'publishes' | 'consumes', name: string) => ({
    title: `"${service}" ${key} "${name}" by its contract, and the file does not say so`,
    at,
    caption: `"${name}" is missing under "${key}:"`,
    help: [
      `add it to "${key}:" of "${service}"`,
      "or take it out of the service's source and run `npm run contract` in its folder",
    ],
  }),
);

export const notHandled = defineError(
  'TDM-251',
  'The file lets a service consume an event that the service does not handle by its contract: it would not start.',
  (at: Place, service: string, event: string) => ({
    title: `"${service}" does not handle "${event}" by its contract`,
    at,
    caption: 'it would not start',
    help: [
      'leave it out here',
      'or handle the event in the service, and run `npm run contract` in its folder',
    ],
  }),
);

export const notInContract = defineWarning(
  'TDM-252',
  'The file says that a service calls or publishes something, and the contract in its folder does not.',
  (at: Place, service: string, key: 'calls' | 'publishes', name: string) => ({
    title: `by its contract "${service}" ${key === 'calls' ? 'does not call' : 'never publishes'} "${name}"`,
    at,
    help: ['leave it out here', 'or run `npm run contract` in the folder of the service, if its source does'],
  }),
);

export const brokenContract = defineError(
  'TDM-253',
  'A file of the contract of a service is not what `npm run contract` writes.',
  (at: Place, path: string, reason: string) => ({
    title: `${path} is not what \`npm run contract\` writes`,
    at,
    caption: reason,
    help: ['run `npm run contract` in the folder of the service'],
  }),
);
