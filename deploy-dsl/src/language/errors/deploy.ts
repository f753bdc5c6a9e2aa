import type { System } from './cluster.ts';
import { defineError, type Place } from './define.ts';

/** TDM-350 … 369: plan, deploy, releases and rollback. */

export const deployLocked = defineError(
  'TDM-350',
  'Another deploy or rollback of this environment is under way; only one may be.',
  (holder: { who: string; doing: string; since: string; pid: number } | null) => ({
    title:
      holder === null
        ? 'another deploy is under way'
        : `${holder.who} is at it: ${holder.doing}, since ${holder.since.slice(11, 19)} UTC (process ${holder.pid})`,
    help: [
      'wait until it has ended: the lock of a process that died goes by itself within 20 s',
      '`./tandem deploy --force-unlock` takes the lock from it; the other deploy then stops where it is',
    ],
  }),
);

export const lockLost = defineError(
  'TDM-351',
  'The lock was lost during a deploy: it was taken by force, or this machine could not reach Consul for 20 s.',
  (since: string) => ({
    title: `the lock that this deploy held since ${since.slice(11, 19)} UTC was lost; it stops here`,
    help: ['`./tandem plan` shows what is left to do, `./tandem deploy` does it'],
  }),
);

export const releaseUnknown = defineError(
  'TDM-352',
  'The number given to `rollback` is not that of a release that is kept.',
  (number: number, known: number[]) => ({
    title: `there is no release ${number}`,
    help:
      known.length === 0
        ? ['nothing was deployed yet']
        : [`the releases kept are ${known[0]} to ${known.at(-1)}: \`./tandem rollback\` lists them`],
  }),
);

export const releaseDamaged = defineError(
  'TDM-353',
  'Parts of a release are missing in Consul, or cannot be read.',
  (number: number) => ({
    title: `release ${number} cannot be read from Consul`,
    help: ['choose another one: `./tandem rollback` lists them'],
  }),
);

export const jobChangedMeanwhile = defineError(
  'TDM-354',
  'Somebody changed a job in Nomad between the plan and its rollout, or while it was rolled out.',
  (job: string, cloud: string) => ({
    title: `somebody else changed the job "${job}" in ${cloud} meanwhile`,
    help: ['`./tandem plan` shows the difference as it is now'],
  }),
);

export const secretMissing = defineError(
  'TDM-355',
  'A service needs a secret that is not there and that the file does not say how to generate.',
  (service: string, name: string, clouds: string[], at: Place | null) => ({
    title: `the secret "${name}" of ${service} is missing in ${clouds.join(' and ')}`,
    at,
    help: [
      `set it: \`./tandem secret set ${service} ${name}\``,
      'or let the deploy make it: `generate: random-32` in services.yml',
    ],
  }),
);

export const queueNotEmpty = defineError(
  'TDM-356',
  'A deploy would remove a queue while it holds messages.',
  (queue: string, messages: number, at: Place | null) => ({
    title: `the queue "${queue}" is no longer in the file, and holds ${messages} ${messages === 1 ? 'message' : 'messages'}`,
    at,
    help: [
      queue.endsWith('.dead')
        ? `they are dead letters: \`./tandem queues inspect ${queue}\` shows them, \`discard\` removes them`
        : 'let its consumers empty it first (they run until the deploy), then deploy again',
      'or purge it in the management page of RabbitMQ if nobody needs the messages',
    ],
  }),
);

export const rabbitmqUnknown = defineError(
  'TDM-357',
  'A command needs RabbitMQ, and its address is not known.',
  () => ({
    title: 'the address of RabbitMQ is not known',
    help: ['set RABBITMQ_MANAGEMENT_URL, for instance http://user:password@rabbitmq.example:15672'],
  }),
);

export const notConfirmed = defineError(
  'TDM-358',
  'A deploy to another environment than local asks before it begins, and there is no terminal to ask on.',
  (environment: string) => ({
    title: `a deploy to ${environment} must be confirmed, and this is no terminal`,
    help: ['look at `./tandem plan` first, then add --yes'],
  }),
);

export const interrupted = defineError(
  'TDM-359',
  'A deploy was stopped by Ctrl-C or SIGTERM.',
  (release: number, done: string[], begun: string[], left: string[], previous: number | null) => ({
    title: `release ${release} was interrupted`,
    evidence: progressWords(done, begun, left),
    help: [
      '`./tandem deploy` does the rest',
      ...(previous === null ? [] : [`\`./tandem rollback ${previous}\` takes it back`]),
    ],
  }),
);

export const cutOff = defineError(
  'TDM-368',
  'Nomad, Consul or RabbitMQ went away in the middle of a deploy, which stops where it is and puts nothing back.',
  (
    release: number,
    system: System,
    done: string[],
    begun: string[],
    left: string[],
    previous: number | null,
  ) => ({
    title: `release ${release} was cut off, because ${system} went away`,
    evidence: progressWords(done, begun, left),
    help: [
      `when ${system} is back, \`./tandem plan\` shows what is left and \`./tandem deploy\` does it`,
      ...(previous === null ? [] : [`or \`./tandem rollback ${previous}\` takes it back`]),
      'the lock is let go; where Consul could not hear that, it goes by itself within 20 s',
    ],
  }),
);

function progressWords(done: string[], begun: string[], left: string[]): string[] {
  return [
    ...(done.length > 0 ? [`done: ${done.join(', ')}`] : []),
    ...(begun.length > 0 ? [`under way, Nomad goes on by itself: ${begun.join(', ')}`] : []),
    ...(left.length > 0 ? [`not begun: ${left.join(', ')}`] : []),
  ];
}

export const edgeSilent = defineError(
  'TDM-360',
  'The routes were published, and an edge did not take them in time, nor refuse them.',
  (cloud: string, edges: string[], seconds: number) => ({
    title: `${edges.length === 1 ? 'an edge' : `${edges.length} edges`} of ${cloud} did not take the new routes within ${seconds} s`,
    evidence: edges,
    help: ['`./tandem why edge` shows what it does'],
  }),
);

export const buildMissing = defineError(
  'TDM-361',
  'A release runs from the working tree of this machine, and its copy of a service is gone.',
  (release: number, builds: string[]) => ({
    title: `the code of release ${release} is no longer on this machine`,
    evidence: builds.map((build) => `.tandem/builds/${build}`),
    help: ['check the commit out with git, and deploy it'],
  }),
);

export const rolloutStuck = defineError(
  'TDM-362',
  'A job did not become healthy in time, and Nomad has no deployment that says why.',
  (job: string, cloud: string, seconds: number) => ({
    title: `${job} in ${cloud} is not healthy after ${seconds} s`,
    help: [`\`./tandem why ${job}\` shows what it does, node by node`],
  }),
);

export const revertFailed = defineError(
  'TDM-363',
  'A deploy failed, and so did putting back what it had changed.',
  (job: string, cloud: string, reason: string) => ({
    title: `${job} in ${cloud} could not be put back`,
    evidence: [reason],
    help: [`\`./tandem why ${job}\` shows its state, \`./tandem rollback\` lists the releases to go back to`],
  }),
);

export const putBack = defineError(
  'TDM-364',
  'A deploy failed, and what it had changed was put back.',
  (release: number, jobs: string[], previous: number | null) => ({
    title: `release ${release} failed; what it had changed was put back${previous === null ? '' : `, as in release ${previous}`}`,
    evidence: jobs.length === 0 ? [] : [`put back: ${jobs.join(', ')}`],
    help: [`\`./tandem rollback --show ${release}\` shows this again`],
  }),
);

export const leftAsIs = defineError(
  'TDM-365',
  'A deploy failed, and what it had changed was left as it is: the first deploy, or `update.revert: false`.',
  (release: number, done: string[], why: 'first' | 'revert is off') => ({
    title:
      why === 'first'
        ? `release ${release} failed; there is no earlier one to go back to, so what runs is left as it is`
        : `release ${release} failed; what it had changed is left as it is (update.revert is false)`,
    evidence: done.length === 0 ? [] : [`healthy: ${done.join(', ')}`],
    help: [
      'mend it and `./tandem deploy` again: what is healthy stays as it is',
      `\`./tandem rollback --show ${release}\` shows this again`,
    ],
  }),
);

export const releaseNumberWanted = defineError(
  'TDM-366',
  'What was given to `rollback` is not the number of a release.',
  (given: string) => ({
    title: `"${given}" is not the number of a release`,
    help: ['`./tandem rollback` lists them'],
  }),
);

export const queueDiffers = defineError(
  'TDM-367',
  'A queue or an exchange is there with other settings, which RabbitMQ cannot change, and making it anew could lose messages.',
  (at: Place, what: string, difference: string) => ({
    title: `the ${what} has other settings in RabbitMQ, and those cannot be changed`,
    at,
    caption: difference,
    help: [
      ...(what.startsWith('queue')
        ? ['give the queue another name with "queue:"; the old one goes when it is empty']
        : []),
      `or, if nobody needs what is in it, delete it in the management page of RabbitMQ; the next deploy makes it anew`,
    ],
  }),
);
