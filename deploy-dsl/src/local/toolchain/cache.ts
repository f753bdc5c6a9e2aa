import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Packaged, Tool } from './tools.ts';

/** Where tools are kept for all projects of this user: `${XDG_CACHE_HOME:-~/.cache}/tandem/toolchain`. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  // The specification wants relative paths ignored.
  const base = env.XDG_CACHE_HOME?.startsWith('/')
    ? env.XDG_CACHE_HOME
    : join(env.HOME ?? homedir(), '.cache');
  return join(base, 'tandem', 'toolchain');
}

/** A tool that is kept in the cache, of one version. */
export type Cached = Tool & { source: Exclude<Tool['source'], Packaged> };

/** The name of a tool's folder, `nomad-1.11.3`, or `mediasoup-worker-3.27.1-<digest of the recipe>`. */
function folderName({ name, source }: Cached): string {
  const recipe = source.kind === 'bundled' ? `-${source.recipe}` : '';
  return `${name}-${source.version}${recipe}`;
}

/** The folder of one version of a tool, complete or absent: `<cache>/nomad-1.11.3`, with `bin/nomad`. */
export function toolFolder(cache: string, tool: Cached): string {
  return join(cache, folderName(tool));
}

/** Where a download or build goes on that is not finished; what is in there can be used, or removed. */
export function unfinishedFolder(cache: string, tool: Cached): string {
  return join(cache, '.unfinished', folderName(tool));
}
