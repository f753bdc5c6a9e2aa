import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Tool } from './tools.ts';

/** Where tools are kept for all projects of this user: `${XDG_CACHE_HOME:-~/.cache}/tandem/toolchain`. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  // The specification wants relative paths ignored.
  const base = env.XDG_CACHE_HOME?.startsWith('/')
    ? env.XDG_CACHE_HOME
    : join(env.HOME ?? homedir(), '.cache');
  return join(base, 'tandem', 'toolchain');
}

/** The folder of one version of a tool, complete or absent: `<cache>/nomad-1.11.3`, with `bin/nomad`. */
export function toolFolder(cache: string, tool: Tool, source: { version: string }): string {
  return join(cache, `${tool.name}-${source.version}`);
}

/** Downloads and builds that are not finished; what is in there can be gone on with, or removed. */
export function unfinishedFolder(cache: string): string {
  return join(cache, '.unfinished');
}
