import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { version } from 'mediasoup';

/** The native worker that `./tandem up` keeps in its cache; undefined where no stack has needed it yet. */
export function workerBin(): string | undefined {
  const { MEDIASOUP_WORKER_BIN, XDG_CACHE_HOME } = process.env;
  if (MEDIASOUP_WORKER_BIN !== undefined) return MEDIASOUP_WORKER_BIN;
  const cache = join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tandem/toolchain');
  return foldersIn(cache)
    .filter((name) => name.startsWith(`mediasoup-worker-${version}-`))
    .map((name) => join(cache, name, 'bin/mediasoup-worker'))
    .find(isProgram);
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
