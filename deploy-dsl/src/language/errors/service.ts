import { defineError } from './define.ts';

/** TDM-330 … 349 and 370 … 379: status, why, logs, scale, restart, stop and secret. */

export const badPattern = defineError(
  'TDM-330',
  'The regular expression given to `logs --grep` is not one.',
  (pattern: string, reason: string) => ({
    title: `--grep ${pattern} is not a regular expression: ${reason.replace(/^Invalid regular expression: /, '')}`,
    help: ['without slashes the text is looked for as it is: --grep "GET /api"'],
  }),
);

export const badTime = defineError(
  'TDM-331',
  'The time given to `--since` cannot be read.',
  (text: string) => ({
    title: `--since "${text}" is no time`,
    help: [
      'write how long ago (30s, 10m, 2h, 1d), a time of today (14:05), or a date (2026-11-21T14:05:00Z)',
    ],
  }),
);

export const badCount = defineError(
  'TDM-332',
  'A number given to a command is not one, or is out of range.',
  (what: string, text: string, range: string) => ({
    title: `${what} "${text}" must be ${range}`,
  }),
);

export const cloudUnknown = defineError(
  'TDM-333',
  '`--cloud` names a cloud that the environment, or the service, does not run in.',
  (cloud: string, where: string, clouds: string[]) => ({
    title: `${where} does not run in a cloud "${cloud}"`,
    help: [clouds.length === 0 ? 'it runs in none' : `it runs in ${clouds.join(' and ')}`],
  }),
);

export const notDeployed = defineError(
  'TDM-334',
  'The service is in the file, but not in Nomad: it was never deployed, or was stopped.',
  (service: string, clouds: string[], stopped: boolean) => ({
    title: `"${service}" ${stopped ? 'is stopped' : 'is not deployed'} in ${clouds.join(' and ')}`,
    help: ['`./tandem deploy` starts it'],
  }),
);

export const noInstance = defineError(
  'TDM-335',
  '`logs --instance` names an instance that the service does not have (any more).',
  (instance: string, known: string[]) => ({
    title: `there is no instance whose id starts with "${instance}"`,
    help: [known.length === 0 ? 'the service has no instances' : `there is ${known.join(', ')}`],
  }),
);

export const outOfLimits = defineError(
  'TDM-336',
  '`scale` was asked for a count outside of what the file allows the autoscaler.',
  (service: string, count: number, cloud: string, min: number, max: number) => ({
    title: `${count} instances of "${service}" in ${cloud} are outside of the file’s ${min}..${max}`,
    help: ['change the limits in the file and deploy, or use --force until the next deploy'],
  }),
);

export const rolloutUnderWay = defineError(
  'TDM-337',
  'A job is being rolled out by a deploy, a restart or a scaling; another change must wait.',
  (service: string, cloud: string) => ({
    title: `"${service}" is being rolled out in ${cloud} at the moment`,
    help: [
      `wait until it is done: \`./tandem status ${service} --watch\` shows how far it is`,
      'a rollout that an interrupted deploy has left is ended by `./tandem deploy`',
    ],
  }),
);

export const neededByOthers = defineError(
  'TDM-338',
  '`stop` was asked to stop a service without which others do not work.',
  (service: string, others: string[]) => ({
    title: `"${service}" is needed by ${others.map((name) => `"${name}"`).join(', ')}`,
    help: ['stop those first, or use --force to stop it all the same'],
  }),
);

export const stopNotConfirmed = defineError(
  'TDM-339',
  'A command that needs a yes was run without a terminal to ask on.',
  (what: string) => ({
    title: `${what} needs a yes, and there is no terminal to ask on`,
    help: ['repeat it with --yes'],
  }),
);

export const secretUnknown = defineError(
  'TDM-340',
  'The service does not declare a secret of this name.',
  (service: string, name: string, declared: string[], similar: string) => ({
    title: `"${service}" has no secret "${name}"${similar}`,
    help: [
      declared.length === 0
        ? `add it to the file: services.${service}.secrets: [${/^[a-z][a-z0-9-]*$/.test(name) ? name : 'NAME'}]`
        : `it declares ${declared.join(', ')}`,
    ],
  }),
);

export const secretValueMissing = defineError(
  'TDM-341',
  '`secret set` was given no value, or an empty one: it is read from a file or from standard input, never from the command line.',
  (service: string, name: string) => ({
    title: `no value for the secret "${name}"`,
    help: [
      `from a file: ./tandem secret set ${service} ${name} --from-file PATH`,
      `or from a program: generate-it | ./tandem secret set ${service} ${name}`,
    ],
  }),
);

export const secretTooLarge = defineError(
  'TDM-342',
  'A secret is larger than what is left in the 64 KiB that Nomad keeps per service.',
  (name: string, left: number) => ({
    title: `the secret "${name}" is too large: ${Math.max(0, left)} bytes fit`,
    help: ['all secrets of a service share 64 KiB: keep large files elsewhere and only their key here'],
  }),
);

export const secretNotText = defineError(
  'TDM-343',
  'A secret is not valid UTF-8 text, which is all that Nomad keeps.',
  (name: string) => ({
    title: `the secret "${name}" is binary`,
    help: ['encode it first, for instance with base64, and let the service decode it'],
  }),
);

export const secretNotGenerated = defineError(
  'TDM-344',
  '`secret generate` was asked for a secret whose kind the file does not say.',
  (service: string, name: string) => ({
    title: `the file does not say how to generate "${name}" of "${service}"`,
    help: [
      `write it: services.${service}.secrets.${name}: { generate: random-32 } (or rsa-2048)`,
      `or set it yourself: ./tandem secret set ${service} ${name} < file`,
    ],
  }),
);

export const secretNotRotated = defineError(
  'TDM-371',
  '`secret rotate` was asked for a secret that holds no signing keys.',
  (service: string, name: string) => ({
    title: `"${name}" of "${service}" holds no signing keys that could be rotated`,
    help: [
      `the file says what it holds: services.${service}.secrets.${name}: { generate: rsa-2048 }`,
      `to replace any other: ./tandem secret set ${service} ${name} < file`,
    ],
  }),
);

export const secretExists = defineError(
  'TDM-345',
  '`secret generate` would overwrite a secret that is set.',
  (service: string, name: string, clouds: string[]) => ({
    title: `the secret "${name}" of "${service}" is set in ${clouds.join(' and ')} already`,
    help: ['repeat it with --force to replace it, and then its instances one after the other'],
  }),
);

export const secretNotSet = defineError(
  'TDM-346',
  '`secret remove` or `rotate` was asked for a secret that is not set.',
  (service: string, name: string) => ({
    title: `the secret "${name}" of "${service}" is not set`,
    help: ['`./tandem secret list` shows which are'],
  }),
);

export const changedMeanwhile = defineError(
  'TDM-347',
  'Somebody else changed the job or the secrets of a service in the same moment.',
  (what: string, cloud: string) => ({
    title: `somebody else changed ${what} in ${cloud} in the same moment`,
    help: ['look at it again, and repeat the command'],
  }),
);

export const argumentNeeded = defineError(
  'TDM-348',
  'An argument is missing that this use of the command needs.',
  (usage: string, what: string) => ({
    title: `${what} is missing`,
    help: [`it is called as \`${usage}\``],
  }),
);

export const secretFileUnreadable = defineError(
  'TDM-349',
  'The file given to `secret set --from-file` cannot be read.',
  (path: string, reason: string) => ({
    title: `${path} cannot be read: ${reason}`,
    help: ['nothing was changed; --from-file takes the path of a file that holds the value and nothing else'],
  }),
);

export const secretInUse = defineError(
  'TDM-370',
  '`secret remove` was asked for a secret that instances read: Nomad could not start another one.',
  (service: string, name: string, instances: string[]) => ({
    title: `instances of "${service}" read the secret "${name}": without it no other one starts`,
    evidence: instances,
    help: [
      'take it out of the file and deploy first',
      `or set another value: \`./tandem secret set ${service} ${name}\``,
      'or repeat it with --force: those that run keep what they have read',
    ],
  }),
);

export const secretPutBack = defineError(
  'TDM-372',
  'An instance did not become healthy with the new value of a secret: the former value and instances came back.',
  (service: string, name: string) => ({
    title: `the secret "${name}" of "${service}" and its instances were put back as they were`,
    help: ['the new value is not kept anywhere; what the instance said above tells what it missed in it'],
  }),
);

export const secretHalfWay = defineError(
  'TDM-373',
  'A change of a secret was stopped by Ctrl-C or SIGTERM while instances were replaced.',
  (service: string, name: string) => ({
    title: `the secret "${name}" of "${service}" is set, but not every instance has it yet`,
    help: [
      'Nomad goes on with the rollout that was begun',
      `\`./tandem status ${service}\` shows how far it is; after it \`./tandem restart ${service}\` does the rest`,
    ],
  }),
);

export const platformPassword = defineError(
  'TDM-374',
  'A command was asked to change the password of RabbitMQ, which is no secret of one service.',
  (readers: string[], user: string | null) => ({
    title: 'the password of RabbitMQ belongs to no service',
    help:
      user === null
        ? ["on this machine it is that of RabbitMQ's own account, which nobody from outside can use"]
        : [
            `first at RabbitMQ, whose connections go on: rabbitmqctl change_password ${user} NEW`,
            'then in every cloud in the Nomad variable nomad/jobs, as its item rabbitmq_password',
            ...(readers.length === 0
              ? []
              : [
                  `then \`./tandem restart\` of ${readers.join(', ')}: until then what runs there cannot connect anew`,
                ]),
          ],
  }),
);
