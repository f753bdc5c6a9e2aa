import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../language/diagnostic.ts';
import { hasCode } from '../local/files.ts';
import { type Backup, readBackup } from './manifest.ts';

/** The backups of an environment, newest first. What is none is left out. */
export async function listBackups(into: string, environment: string): Promise<Backup[]> {
  const folder = join(into, environment);
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map((name) =>
        readBackup(join(folder, name)).catch((error: unknown) => {
          if (error instanceof TandemError) return null;
          throw error;
        }),
      ),
  );
  return found
    .filter((backup) => backup !== null)
    .toSorted((a, b) => b.manifest.takenAt.localeCompare(a.manifest.takenAt));
}
