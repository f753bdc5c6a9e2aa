import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { backupDamaged, backupForeign } from '../language/errors/backup.ts';
import type { Backup, BackupPart } from './manifest.ts';
import { checkRdb, RdbFailed, sha256Of } from './rdb-file.ts';
import type { RedisTools } from './redis-tools.ts';

/** The file of a part. */
export const fileOf = ({ folder }: Pick<Backup, 'folder'>, part: BackupPart): string =>
  join(folder, part.file);

/**
 * Reads the files of a backup from their first byte to their last, and compares them with what its manifest says.
 *
 * @throws TandemError (exit 2) that names the first that is not what was written; the signal's reason
 */
export async function checkFiles(backup: Backup, tools: RedisTools, signal: AbortSignal): Promise<void> {
  for (const part of backup.manifest.parts) {
    const path = fileOf(backup, part);
    const damaged = (reason: string, evidence: string[] = []) =>
      new TandemError([backupDamaged(path, reason, evidence)], exitCodes.badInput);
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) throw damaged('it is missing');
    if (size !== part.bytes) throw damaged(`it has ${size} bytes, and had ${part.bytes} when it was written`);
    if ((await sha256Of(path)) !== part.sha256)
      throw damaged('it is not what was written: its checksum differs');
    try {
      const { keys } = await checkRdb(path, tools, signal);
      if (keys !== part.keys) throw damaged(`it has ${keys} keys, and ${part.keys} were counted`);
    } catch (error) {
      if (!(error instanceof RdbFailed)) throw error;
      if (!/handle RDB format version/.test(error.output.join('\n')))
        throw damaged(error.message, error.output);
      const reason = `Redis ${part.redis} wrote it, and redis-check-rdb of this machine is older`;
      throw new TandemError([backupForeign(path, reason)], exitCodes.badInput);
    }
  }
}

/** Redis reads what an older one wrote, not what a later one did. @throws TandemError (exit 2) */
export function requireNotNewer(path: string, part: BackupPart, live: string): void {
  const number = (version: string) => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return major * 1000 + minor;
  };
  if (number(part.redis) <= number(live)) return;
  const reason = `Redis ${part.redis} wrote it, and that of "${part.service}" is ${live}`;
  throw new TandemError([backupForeign(path, reason)], exitCodes.badInput);
}
