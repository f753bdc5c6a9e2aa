import { relative, resolve } from 'node:path';
import { listBackups } from '../backup/list-backups.ts';
import type { Place } from '../backup/live-redis.ts';
import type { Backup } from '../backup/manifest.ts';
import { findRedisTools } from '../backup/redis-tools.ts';
import { takeBackup } from '../backup/take-backup.ts';
import type { Target } from '../cluster/target.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { nothingPersistent } from '../language/errors/backup.ts';
import type { Model } from '../language/model.ts';
import { cloudsOf } from '../operate/roll.ts';
import { formatAgo } from '../terminal/duration.ts';
import { createProgress } from '../terminal/progress.ts';
import { formatBytes } from '../terminal/size.ts';
import { table } from '../terminal/table.ts';
import type { Command, Context, Invocation } from './command.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';
import { serviceOf } from './service-argument.ts';

/** `tandem backup [service...]` */
export const backup: Command = {
  args: [{ name: '[service...]', description: 'only these; all that have a persistent Redis unless told' }],
  options: [
    { flags: '--list', description: 'show the backups there are' },
    { flags: '--to <folder>', description: 'where the backups are (default: backups/ of the project)' },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem backup', what: 'the data of all services, in backups/local/<time>' },
    { line: 'tandem backup auth rooms --env production', what: 'of two services, in every cloud' },
    { line: 'tandem backup --list', what: 'when they were taken, of what, and how large they are' },
    { line: 'tandem backup --to /mnt/backups --json', what: 'for a cron job' },
  ],
  description: `A snapshot of one moment of each persistent Redis, taken while the service goes on, read again when it is written,
    and kept with its checksum, number of keys and versions. A backup appears whole or not at all; the services are
    snapshotted at the same time, but not in the same instant. Ends with 1 when a Redis could not be read; the others
    are saved.

    Not in it: secrets (they are in Nomad), messages that are in RabbitMQ, and what caches hold. It holds personal data and
    password hashes: only its owner can read the files. How many are kept is yours to decide: a backup is a folder.`,
  async run(context, { args: names, options }) {
    const { loaded, target } = await openTarget(context, options);
    const { model } = loaded;
    const into = backupsFolder(context, options);
    if (options.list === true) {
      show(context, options, await listBackups(into, model.environment));
      return exitCodes.fine;
    }
    const places = placesOf(model, target, names);
    const tools = await findRedisTools(context.env);
    const progress = createProgress(context.terminal);
    const { signal } = context;
    const { backup: taken, failures } = await takeBackup({
      environment: model.environment,
      places,
      into,
      tools,
      progress,
      signal,
    }).finally(() => progress.close());
    if (taken !== null) {
      if (options.json === true) context.terminal.print(JSON.stringify(taken, null, 2));
      else context.terminal.print(`Backup in ${displayed(context, taken.folder)}`);
    }
    if (failures.length === 0) return exitCodes.fine;
    const diagnostics = failures.flatMap((failure) => failure.diagnostics);
    if (options.json !== true || taken === null) throw new TandemError(diagnostics);
    return exitCodes.failed;
  },
};

/** The folder of all backups: outside of .tandem, whose data `down --purge` removes. */
export function backupsFolder(context: Context, options: Invocation['options']): string {
  return typeof options.to === 'string' ? resolve(context.cwd, options.to) : resolve(context.root, 'backups');
}

/** The persistent Redis of these services, or of all, in every cloud. @throws TandemError (exit 2) */
function placesOf(model: Model, target: Target, names: readonly string[]): Place[] {
  const services =
    names.length === 0 ? Object.values(model.services) : names.map((name) => serviceOf(model, name));
  const persistent = services.filter(({ redis }) => redis?.persistent === true);
  const without = names.length === 0 ? undefined : services.find((service) => !persistent.includes(service));
  if (without !== undefined || persistent.length === 0) {
    throw new TandemError([nothingPersistent(without?.name ?? null)], exitCodes.badInput);
  }
  return [...new Set(persistent)].flatMap(({ name }) =>
    cloudsOf(model, target, name, null).map((cloud) => ({ service: name, cloud })),
  );
}

function show(context: Context, options: Invocation['options'], backups: readonly Backup[]): void {
  const { terminal } = context;
  if (options.json === true) {
    terminal.print(JSON.stringify({ backups }, null, 2));
    return;
  }
  // The path must be whole, to be copied.
  const narrow = terminal.tty && terminal.width < 80;
  const columns = [
    { title: 'backup' },
    { title: 'age' },
    { title: 'size', align: 'right' as const },
    { title: 'of', shrink: true },
  ];
  const rows = backups.map(({ folder, manifest: { takenAt, parts, missing } }) => [
    displayed(context, folder),
    formatAgo(Date.now() - Date.parse(takenAt)),
    formatBytes(parts.reduce((sum, { bytes }) => sum + bytes, 0)),
    [
      ...new Set(parts.map(({ service }) => service)),
      ...missing.map(({ service, cloud }) => `not ${service} (${cloud})`),
    ].join(', '),
  ]);
  terminal.print(
    rows.length === 0 ? 'There is no backup.' : table(terminal, narrow ? columns.slice(0, 2) : columns, rows),
  );
}

/** As it can be given to `restore`. */
function displayed(context: Context, folder: string): string {
  const path = relative(context.cwd, folder);
  return path.startsWith('..') ? folder : path;
}
