import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tandemVersion } from '../cli/tandem-version.ts';
import { TandemError } from '../language/diagnostic.ts';
import { backupNotWritten } from '../language/errors/backup.ts';
import { hasCode } from '../local/files.ts';
import { formatBytes } from '../terminal/size.ts';
import type { Progress } from '../terminal/terminal.ts';
import { type Place, withRedis } from './live-redis.ts';
import { type Backup, type BackupPart, type Manifest, manifestFormat, manifestName } from './manifest.ts';
import { checkRdb, RdbFailed, sha256Of, takeSnapshot } from './rdb-file.ts';
import type { RedisTools } from './redis-tools.ts';

const unfinishedSuffix = '.unfinished';
/** A backup that takes longer writes no file meanwhile: it is dead. */
const abandonedMs = 24 * 60 * 60 * 1000;

export interface BackupRequest {
  environment: string;
  places: readonly Place[];
  /** Folder of all backups. */
  into: string;
  tools: RedisTools;
  progress: Progress;
  signal: AbortSignal;
}

/**
 * Writes one backup: a folder named after the moment, with a file for each Redis and the manifest. It appears whole, or
 * not at all. A Redis that cannot be read is named as missing in it; the others are there.
 *
 * @returns null when none could be read
 * @throws TandemError when the folder cannot be written; the signal's reason, nothing is left then
 */
export async function takeBackup(
  request: BackupRequest,
): Promise<{ backup: Backup | null; failures: TandemError[] }> {
  const { environment, places, into, signal } = request;
  const takenAt = new Date().toISOString();
  const name = takenAt.replaceAll(':', '-');
  const folder = join(into, environment, name);
  const unfinished = join(into, environment, `.${name}${unfinishedSuffix}`);
  try {
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await removeAbandoned(join(into, environment));
    const results = await Promise.all(places.map((place) => takePart(request, place, unfinished)));
    signal.throwIfAborted();
    const failures = results.flatMap((each) => ('error' in each ? [each.error] : []));
    const manifest: Manifest = {
      format: manifestFormat,
      environment,
      takenAt,
      tandem: tandemVersion(),
      parts: results.flatMap((each) => ('part' in each ? [each.part] : [])),
      missing: results.flatMap((each) => ('missing' in each ? [each.missing] : [])),
    };
    if (manifest.parts.length === 0) return { backup: null, failures };
    await writeFile(join(unfinished, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: 0o600,
    });
    await sync(join(unfinished, manifestName));
    await sync(unfinished);
    await rename(unfinished, folder);
    await sync(join(into, environment));
    return { backup: { folder, manifest }, failures };
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOSPC', 'EROFS', 'ENOTDIR', 'EEXIST')) {
      throw new TandemError([backupNotWritten(into, String(error))]);
    }
    throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
  }
}

type Result = { part: BackupPart } | { error: TandemError; missing: Manifest['missing'][number] };

async function takePart(request: BackupRequest, place: Place, folder: string): Promise<Result> {
  const { tools, progress, signal } = request;
  const { service, cloud } = place;
  const step = progress.step(`back up ${service} (${cloud.name})`);
  try {
    const file = `${service}.${cloud.name}.rdb`;
    const path = join(folder, file);
    const takenAt = new Date().toISOString();
    await withRedis(place, 0, signal, async (redis, address) => {
      // Else it waits five seconds for further replicas before it begins.
      await redis.config('SET', 'repl-diskless-sync-delay', '0');
      await takeSnapshot(address, path, tools, signal);
    });
    step.update('checking it');
    const facts = await checkRdb(path, tools, signal);
    const { size } = await stat(path);
    step.done(`${facts.keys} keys, ${formatBytes(size)}`);
    return {
      part: {
        service,
        cloud: cloud.name,
        file,
        bytes: size,
        sha256: await sha256Of(path),
        takenAt,
        ...facts,
      },
    };
  } catch (error) {
    step.fail();
    signal.throwIfAborted();
    const said =
      error instanceof RdbFailed
        ? new TandemError([backupNotWritten(folder, [error.message, ...error.output].join('\n'))])
        : error;
    if (!(said instanceof TandemError)) throw error;
    const reason = said.diagnostics.map(({ title }) => title).join('; ');
    return { error: said, missing: { service, cloud: cloud.name, reason } };
  }
}

/** What a backup has left that was killed. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(unfinishedSuffix)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > abandonedMs) await rm(path, { recursive: true, force: true });
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.sync();
  await file.close();
}
