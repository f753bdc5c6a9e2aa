import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where a program of the toolchain is: in the toolchain's cache, which `./tandem up` fills, or on PATH. */
export function program(name: string): string {
  const toolchain = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tandem', 'toolchain');
  const folders = [
    ...list(toolchain)
      .filter((folder) => folder.replace(/-\d.*$/, '') === name)
      .map((folder) => join(toolchain, folder, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
  ];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found === undefined) throw new Error(`${name} is not installed: run \`./tandem up\` once`);
  return found;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
