import { defineError } from './define.ts';

/** TDM-390 … 399: backup and restore. */

export const nothingPersistent = defineError(
  'TDM-390',
  '`backup` was asked for a service that keeps nothing, or no service of the file does.',
  (service: string | null) => ({
    title:
      service === null
        ? 'no service of the file has a persistent Redis: there is nothing to back up'
        : `"${service}" has no persistent Redis: it keeps nothing that could be backed up`,
    help: ['a service keeps data with `redis: { persistent: true }`'],
  }),
);

export const redisAway = defineError(
  'TDM-391',
  'The Redis of a service is not there, does not answer, or went away in the middle.',
  (service: string, cloud: string, reason: string) => ({
    title: `the Redis of "${service}" in ${cloud} cannot be used: ${reason}`,
    help: [`\`./tandem why ${service}-redis\` says how it is`],
  }),
);

export const redisToolsMissing = defineError(
  'TDM-392',
  'redis-server, redis-cli or redis-check-rdb is not installed here: they read and check what is backed up.',
  (program: string) => ({
    title: `${program} is not installed on this machine`,
    help: ['`./tandem up` installs it, or the package `redis` of your system'],
  }),
);

export const backupUnreadable = defineError(
  'TDM-393',
  'What `restore` was given is no backup of `./tandem backup`, or one of a later version of Tandem.',
  (path: string, reason: string) => ({
    title: `${path} is no backup that can be read: ${reason}`,
    help: [
      'give the folder that `./tandem backup` made, or a file in it: manifest.json beside the files says what they are',
      '`./tandem backup --list` shows the backups there are',
    ],
  }),
);

export const backupDamaged = defineError(
  'TDM-394',
  'A file of a backup is not what was written: it is missing, cut short or changed.',
  (path: string, reason: string, evidence: string[]) => ({
    title: `${path} is damaged: ${reason}`,
    evidence,
    help: ['nothing was changed; take another backup: `./tandem backup --list`'],
  }),
);

export const backupForeign = defineError(
  'TDM-395',
  'A backup does not fit where it is to be restored: another environment, service or cloud, or a later version of Redis.',
  (path: string, reason: string) => ({
    title: `${path} cannot be restored here: ${reason}`,
    help: ['nothing was changed'],
  }),
);

export const restoreNoRoom = defineError(
  'TDM-396',
  'A Redis has no room for the data of the backup beside that which it has: the old goes only when the new is complete.',
  (service: string, cloud: string) => ({
    title: `the Redis of "${service}" in ${cloud} has no room for the data of the backup beside its own`,
    help: [
      `nothing was changed; give it more: services.${service}.redis.memory, \`./tandem deploy\`, and repeat the command`,
    ],
  }),
);

export const restoreIncomplete = defineError(
  'TDM-397',
  'After loading, a Redis does not hold as many keys as the backup.',
  (service: string, cloud: string, expected: number, found: number) => ({
    title: `the Redis of "${service}" in ${cloud} took ${found} of ${expected} keys`,
    help: ['nothing was changed: it still has the data it had'],
  }),
);

export const restoreCutOff = defineError(
  'TDM-398',
  'A restore stopped after some Redis had the new data.',
  (done: readonly string[], left: readonly string[], path: string) => ({
    title: `the restore stopped half way: ${done.join(', ')} ${done.length === 1 ? 'has' : 'have'} the data of the backup`,
    evidence: left.length === 0 ? [] : [`as before: ${left.join(', ')}`],
    help: [`no data is lost; go on: \`./tandem restore ${path}\``],
  }),
);

export const backupNotWritten = defineError(
  'TDM-399',
  'The folder for a backup cannot be written.',
  (folder: string, reason: string) => ({
    title: `no backup can be written in ${folder}: ${reason}`,
    help: ['--to takes another folder'],
  }),
);
