import { execFile } from 'node:child_process';
import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Cached, cacheFolder, toolFolder } from './cache.ts';
import type { Tool } from './tools.ts';
import { formatVersion, isWanted, parseVersion, type Version } from './version.ts';

/** A program of this machine that will do. */
export interface Found {
  /** Absolute path of the program. */
  path: string;
  version: string;
  from: 'PATH' | 'cache' | 'system';
}

/** What was looked at on the way and will not do. */
export interface Rejected {
  path: string;
  /** Null: it does not run, or does not say its version. */
  version: string | null;
}

export interface Search {
  found: Found | null;
  /** Where nothing is found: what can stand in for it. */
  standIn: Found | null;
  rejected: Rejected[];
}

/** Long enough for a cold disk; a program that hangs is none. */
const patienceMs = 10_000;

/** Looks for a tool on PATH, in the cache, and in the folders where distributions put servers. */
export async function findTool(tool: Tool, env: NodeJS.ProcessEnv): Promise<Search> {
  const rejected: Rejected[] = [];
  const seen = new Set<string>();
  const second = tool.source.kind === 'compiled' ? tool.source.standIn.wanted : null;
  let standIn: Found | null = null;
  for (const { path, from } of candidates(tool, env)) {
    if (!(await isProgram(path))) continue;
    const version = await versionOf(tool, path);
    if (version !== null && isWanted(version, tool.wanted)) {
      return { found: { path, version: formatVersion(version), from }, standIn: null, rejected };
    }
    if (version !== null && second !== null && isWanted(version, second)) {
      standIn ??= { path, version: formatVersion(version), from };
    }
    // Where /sbin is a link to /usr/sbin the same program is met twice.
    const real = await realpath(path);
    if (seen.has(real)) continue;
    seen.add(real);
    rejected.push({ path, version: version === null ? null : formatVersion(version) });
  }
  return { found: null, standIn, rejected };
}

/** The version a program says it has; null when it does not run. */
export async function versionOf(tool: Tool, path: string): Promise<Version | null> {
  if (tool.source.kind === 'bundled')
    return (await runsBundled(path)) ? parseVersion(tool.source.version) : null;
  if (tool.versionArgs === null) return versionOfPath(path);
  const output = await run(path, tool.versionArgs);
  return output === null ? null : parseVersion(output);
}

function candidates(tool: Tool, env: NodeJS.ProcessEnv): { path: string; from: Found['from'] }[] {
  // What cannot say its version must not come from just anywhere.
  const onPath =
    tool.source.kind === 'bundled'
      ? []
      : (env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const cached = isCached(tool) ? [join(toolFolder(cacheFolder(env), tool), 'bin')] : [];
  return [
    ...onPath.map((folder) => ({ path: join(folder, tool.name), from: 'PATH' as const })),
    ...cached.map((folder) => ({ path: join(folder, tool.name), from: 'cache' as const })),
    ...tool.folders.map((folder) => ({ path: join(folder, tool.name), from: 'system' as const })),
  ];
}

const isCached = (tool: Tool): tool is Cached => tool.source.kind !== 'packaged';

export async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * RabbitMQ stands in a folder that is named after its version. The wrapper that Debian has in /usr/sbin does not:
 * rightly so, because it changes to a user of its own and cannot be a task of ours.
 */
async function versionOfPath(path: string): Promise<Version | null> {
  const real = await realpath(path);
  const match = /rabbitmq_server-([\d.]+)\/sbin\//.exec(real);
  return match?.[1] === undefined ? null : parseVersion(match[1]);
}

/** mediasoup's worker ends with this when it is started by hand, once it is loaded with all its libraries. */
const noParent = 41;

function runsBundled(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile(path, [], { env: {}, timeout: patienceMs, killSignal: 'SIGKILL' }, () =>
      resolve(child.exitCode === noParent),
    );
  });
}

function run(path: string, args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(path, args, { timeout: patienceMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      resolve(error === null ? `${stdout}\n${stderr}` : null);
    });
  });
}
