import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { backupUnreadable } from '../language/errors/backup.ts';
import { hasCode } from '../local/files.ts';

/** Goes up when an older Tandem could not restore a backup rightly. */
export const manifestFormat = 1;
export const manifestName = 'manifest.json';

const Part = Type.Object({
  service: Type.String(),
  cloud: Type.String(),
  /** Name in the folder of the backup. */
  file: Type.String({ pattern: '^[\\w.-]+\\.rdb$' }),
  bytes: Type.Integer(),
  sha256: Type.String(),
  keys: Type.Integer(),
  /** Version of the Redis that wrote it. */
  redis: Type.String(),
  /** ISO 8601; the snapshot is of this moment or a little later. */
  takenAt: Type.String(),
});
/** The data of one Redis. */
export type BackupPart = Type.Static<typeof Part>;

const Manifest = Type.Object({
  format: Type.Literal(manifestFormat),
  environment: Type.String(),
  takenAt: Type.String(),
  /** Version that wrote it. */
  tandem: Type.String(),
  parts: Type.Array(Part),
  /** What was asked for and could not be had. */
  missing: Type.Array(Type.Object({ service: Type.String(), cloud: Type.String(), reason: Type.String() })),
});
/** What `manifest.json` of a backup says. */
export type Manifest = Type.Static<typeof Manifest>;

export interface Backup {
  folder: string;
  manifest: Manifest;
}

/**
 * The backup in a folder, or the part of it that is in a file.
 * @throws TandemError (exit 2) when it is none
 */
export async function readBackup(path: string): Promise<Backup> {
  const unreadable = (reason: string) =>
    new TandemError([backupUnreadable(path, reason)], exitCodes.badInput);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => null,
  );
  if (isFolder === null) throw unreadable('there is no such file or folder');
  const folder = isFolder ? path : dirname(path);
  let text: string;
  try {
    text = await readFile(join(folder, manifestName), 'utf8');
  } catch (error) {
    throw unreadable(
      hasCode(error, 'ENOENT') ? `there is no ${manifestName} with it` : `${manifestName}: ${String(error)}`,
    );
  }
  const manifest = manifestIn(text);
  if (typeof manifest === 'string') throw unreadable(manifest);
  if (isFolder) return { folder, manifest };
  const parts = manifest.parts.filter(({ file }) => file === basename(path));
  if (parts.length === 0) throw unreadable(`${manifestName} does not name it`);
  return { folder, manifest: { ...manifest, parts } };
}

/** The manifest, or why it is none. */
function manifestIn(text: string): Manifest | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `${manifestName} is damaged`;
  }
  if (Value.Check(Manifest, value)) return value;
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : null;
  return typeof format === 'number' && format > manifestFormat
    ? `it was made by a later version of Tandem (format ${format}, known up to ${manifestFormat})`
    : `${manifestName} is not one of \`./tandem backup\``;
}
