import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TandemError } from '../../language/diagnostic.ts';
import { programDoesNotRun } from '../../language/errors/local.ts';
import type { Progress, Step } from '../../terminal/terminal.ts';
import { type Cached, cacheFolder, toolFolder, unfinishedFolder } from './cache.ts';
import { versionOf } from './find.ts';
import { isWanted } from './version.ts';

/** What every way to get a tool is given. */
export interface Installation {
  /** The project; the recipes are in its `toolchain/`. */
  root: string;
  env: NodeJS.ProcessEnv;
  progress: Progress;
  signal: AbortSignal;
}

/** Lets builds that use every processor run one after the other; says on a build's step that it waits for another. */
export type InTurn = <T>(step: Step, build: () => Promise<T>) => Promise<T>;

/** A queue of builds. */
export function oneAtATime(): InTurn {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (step, build) => {
    if (waiting > 0) step.wait('waiting for another build to end');
    waiting += 1;
    const turn = last.then(build).finally(() => {
      waiting -= 1;
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** Where a tool grows, out of everybody's sight; an interrupted attempt is gone on with here. */
export interface Workplace {
  folder: string;
  /** Path of the program to be, `<folder>/bin/<name>`. */
  program: string;
}

/** The workplace for one version of a tool. */
export async function openWorkplace(tool: Cached, env: NodeJS.ProcessEnv): Promise<Workplace> {
  const folder = unfinishedFolder(cacheFolder(env), tool);
  const program = join(folder, 'bin', tool.name);
  await mkdir(dirname(program), { recursive: true });
  return { folder, program };
}

/**
 * Moves a tool to where it is found, as a whole.
 *
 * @throws TandemError when it does not run, or is of another version than wanted
 */
export async function finish(
  tool: Cached,
  { folder, program }: Workplace,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const version = await versionOf(tool, program);
  if (version === null || !isWanted(version, tool.wanted)) {
    await rm(folder, { recursive: true, force: true });
    throw new TandemError([programDoesNotRun(tool.name)]);
  }
  // A folder that is there already holds a program that does not run.
  const target = toolFolder(cacheFolder(env), tool);
  await rm(target, { recursive: true, force: true });
  await rename(folder, target);
}
