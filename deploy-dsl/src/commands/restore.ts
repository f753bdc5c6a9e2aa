import { resolve } from 'node:path';
import { checkFiles, fileOf, requireNotNewer } from '../backup/check-backup.ts';
import { type Backup, readBackup } from '../backup/manifest.ts';
import { runningJob } from '../backup/pause-service.ts';
import { findRedisTools } from '../backup/redis-tools.ts';
import { nameOf, type Restoring, restore as restoreData } from '../backup/restore.ts';
import { type Present, present } from '../backup/staged-restore.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { author } from '../deploy/author.ts';
import { explain } from '../deploy/explain.ts';
import { Lock } from '../deploy/lock.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { backupForeign } from '../language/errors/backup.ts';
import { stopNotConfirmed } from '../language/errors/service.ts';
import { cloudsOf } from '../operate/roll.ts';
import { formatAgo } from '../terminal/duration.ts';
import { createProgress } from '../terminal/progress.ts';
import { backupsFolder } from './backup.ts';
import type { Command, Context, Invocation } from './command.ts';
import { canAsk, confirm } from './confirm.ts';
import { type Opened, openTarget } from './environment.ts';
import { environmentOptions } from './options.ts';
import { requireService } from './service-argument.ts';

interface Chosen extends Restoring {
  now: Present;
}

/** `tandem restore <path> [service]` */
export const restore: Command = {
  args: [
    { name: '<path>', description: 'folder of a backup, or a file in it: `./tandem backup --list`' },
    { name: '[service]', description: 'only the data of this service' },
  ],
  options: [
    { flags: '-y, --yes', description: 'do not ask' },
    {
      flags: '--to <folder>',
      description: 'where the data of now is kept before it is replaced (default: backups/ of the project)',
    },
    ...environmentOptions,
  ],
  examples: [
    { line: 'tandem restore backups/local/2026-11-21T03-00-00.000Z', what: 'all services as they were then' },
    { line: 'tandem restore backups/local/2026-11-21T03-00-00.000Z rooms', what: 'only rooms' },
  ],
  description: `Replaces the data of services by that of a backup. Every file is read and checked first; one that is damaged, cut
    short, of another environment or of a later Redis changes nothing. What the services hold now is backed up before.

    The data is loaded beside that which is there, while the services go on; then they are stopped for some seconds, the
    data is swapped in one step, and they start again. Ctrl-C before the swap leaves everything as it was. Killed at any
    moment, a Redis holds the old data or the new, never none or a part: the same command goes on, and \`./tandem deploy\`
    starts services that were stopped.

    Events that were told after the backup are not told again, and events that waited in the outbox then are: restore the
    services that know of each other from one backup.`,
  async run(context, { args: [given = '', only], options }) {
    const opened = await openTarget(context, options);
    const { terminal, signal } = context;
    const tools = await findRedisTools(context.env);
    const path = resolve(context.cwd, given);
    const backup = await readBackup(path);
    const service = only === undefined ? null : requireService(opened.loaded.model, only);
    const parts = backup.manifest.parts.filter((part) => service === null || part.service === service);
    const chosenBackup: Backup = { ...backup, manifest: { ...backup.manifest, parts } };
    const places = placesOf(opened, chosenBackup, given, service);
    await checkFiles(chosenBackup, tools, signal);
    const chosen = await Promise.all(places.map((place) => look(place, signal)));
    for (const each of chosen) requireNotNewer(fileOf(backup, each.part), each.part, each.now.redis);
    for (const line of announcement(chosen, Date.now())) terminal.print(line);
    if (!(await mayRestore(context, options, given))) return exitCodes.fine;

    const progress = createProgress(terminal);
    const { environment, loaded, origins, target } = opened;
    const doing = `restore ${chosen.map(({ part }) => part.service).join(', ')}`;
    const lock = await Lock.acquire(target, { who: author(context.env), doing });
    try {
      const replaced = chosen.filter(({ now, inPlace }) => now.keys > 0 && !inPlace);
      if (replaced.length > 0) {
        const into = backupsFolder(context, options);
        const kept = await takeBackup({ environment, places: replaced, into, tools, progress, signal });
        const failed = kept.failures.flatMap(({ diagnostics }) => diagnostics);
        if (failed.length > 0) throw new TandemError(failed);
        terminal.print(`The data of now is kept in ${kept.backup?.folder ?? into}`);
      }
      await restoreData({
        backup: chosenBackup,
        parts: chosen,
        tools,
        progress,
        signal: AbortSignal.any([signal, lock.lost]),
        explain: (error) => explain(error, loaded.model, origins),
      });
    } finally {
      progress.close();
      await lock.release();
    }
    terminal.print(`Restored: ${chosen.map(nameOf).join(', ')}.`);
    return exitCodes.fine;
  },
};

/** Where each part goes. @throws TandemError (exit 2) where one does not belong here */
function placesOf(
  { loaded: { model }, target }: Opened,
  { manifest }: Backup,
  path: string,
  only: string | null,
): Omit<Restoring, 'inPlace' | 'runs' | 'stopped'>[] {
  const foreign = (reason: string) => new TandemError([backupForeign(path, reason)], exitCodes.badInput);
  if (manifest.environment !== model.environment) {
    throw foreign(`it is of the environment "${manifest.environment}", and this is "${model.environment}"`);
  }
  if (manifest.parts.length === 0) {
    throw foreign(only === null ? 'it holds no data' : `it holds no data of "${only}"`);
  }
  return manifest.parts.map((part) => {
    const service = Object.hasOwn(model.services, part.service) ? model.services[part.service] : undefined;
    if (service?.redis?.persistent !== true) {
      throw foreign(`the file has no service "${part.service}" with a persistent Redis`);
    }
    const cloud = cloudsOf(model, target, part.service, null).find(({ name }) => name === part.cloud);
    if (cloud === undefined) throw foreign(`"${part.service}" does not run in the cloud "${part.cloud}"`);
    return { service: part.service, cloud, part, routed: service.routes.length > 0 };
  });
}

async function look(
  place: Omit<Restoring, 'inPlace' | 'runs' | 'stopped'>,
  signal: AbortSignal,
): Promise<Chosen> {
  const [now, job] = await Promise.all([present(place, signal), runningJob(place, signal)]);
  const { unfinished } = now;
  return {
    ...place,
    now,
    inPlace: unfinished?.inPlace === true && unfinished.sha256 === place.part.sha256,
    runs: job !== null,
    stopped: job === null && unfinished?.stopped === true,
  };
}

function announcement(chosen: readonly Chosen[], now: number): string[] {
  return chosen.flatMap((each) => {
    const { unfinished, keys } = each.now;
    const age = formatAgo(now - Date.parse(each.part.takenAt));
    return [
      each.inPlace
        ? `${nameOf(each)}: its data is in place already; what is left is to start the service`
        : `${nameOf(each)}: ${keys} keys of now give way to ${each.part.keys} of ${each.part.takenAt}, ${age}`,
      ...(unfinished === null
        ? []
        : [
            `  a restore of ${unfinished.since} was interrupted ${unfinished.inPlace ? 'when its data was in place' : 'and had changed nothing'}${unfinished.stopped ? '; the service is stopped' : ''}`,
          ]),
    ];
  });
}

async function mayRestore(context: Context, options: Invocation['options'], path: string): Promise<boolean> {
  if (options.yes === true) return true;
  if (!canAsk(context)) {
    throw new TandemError([stopNotConfirmed(`restoring ${path}`)], exitCodes.badInput);
  }
  if (await confirm(context, 'Replace the data? What is written from now on is lost.')) return true;
  context.terminal.print('Nothing was changed.');
  return false;
}
