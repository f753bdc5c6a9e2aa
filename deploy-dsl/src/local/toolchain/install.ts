import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Diagnostic, TandemError } from '../../language/diagnostic.ts';
import {
  aptFailed,
  installNeedsRoot,
  noPackageManager,
  notInDistribution,
  noWayToTool,
  programDoesNotRun,
  toolBuildFailed,
  unknownProcessor,
} from '../../language/errors/local.ts';
import { formatBytes } from '../../terminal/size.ts';
import type { Progress, Step } from '../../terminal/terminal.ts';
import { type Lock, waitForLock } from '../lock.ts';
import { AptFailed, aptCommand, aptInstall, hasApt, NotInDistribution } from './apt.ts';
import { cacheFolder, toolFolder, unfinishedFolder } from './cache.ts';
import { type Found, findTool, type Search, versionOf } from './find.ts';
import { buildProgram, fetchModules, type GoBuild, GoBuildFailed, goVersion, leastGo } from './go-build.ts';
import { download, ReleaseUnavailable } from './release.ts';
import { type Architecture, type Packaged, type Pinned, type Tool, tools } from './tools.ts';
import { unzipProgram } from './unzip.ts';
import { formatWanted, isWanted, parseVersion, type Wanted } from './version.ts';

/** Where every program of the stack is. */
export type Toolchain = ReadonlyMap<Tool['name'], Found>;

export interface Installation {
  /** The project; the recipes are in its `toolchain/`. */
  root: string;
  env: NodeJS.ProcessEnv;
  progress: Progress;
  signal: AbortSignal;
}

/** The vendor's server; a company's mirror of the same layout may stand in for it. */
function releases(env: NodeJS.ProcessEnv): string {
  return (env.TANDEM_RELEASES ?? 'https://releases.hashicorp.com').replace(/\/+$/, '');
}

/**
 * Finds every tool, and gets those that are missing: the vendor's release, else a build from Go modules; the
 * distribution's packages beside that. What is complete stays, whatever happens to the others.
 *
 * @throws TandemError with everything that is in the way
 */
export async function ensureToolchain(installation: Installation, wanted = tools): Promise<Toolchain> {
  const first = await findAll(wanted, installation.env);
  if (first.missing.length === 0) return first.found;
  await refuseWhatCannotWork(first.missing);

  const lock = await lockCache(installation);
  try {
    // Another `up` may have installed them while this one waited.
    const { missing } = await findAll(wanted, installation.env);
    await installAll(missing, installation);
  } finally {
    await lock.release();
  }
  const { found, missing } = await findAll(wanted, installation.env);
  if (missing.length > 0) throw new TandemError(missing.map((tool) => programDoesNotRun(tool.name)));
  return found;
}

async function findAll(wanted: readonly Tool[], env: NodeJS.ProcessEnv) {
  const searches = await Promise.all(
    wanted.map(async (tool): Promise<[Tool, Search]> => [tool, await findTool(tool, env)]),
  );
  const found = new Map<Tool['name'], Found>();
  const missing: Tool[] = [];
  for (const [tool, search] of searches) {
    if (search.found === null) missing.push(tool);
    else found.set(tool.name, search.found);
  }
  return { found, missing };
}

/** Says at once what would otherwise come out after minutes of building. */
async function refuseWhatCannotWork(missing: Tool[]): Promise<void> {
  const packages = missing.flatMap(({ source }) => (source.kind === 'packaged' ? source.packages : []));
  if (packages.length === 0) return;
  if (!(await hasApt())) {
    const described = missing.filter(isPackaged).map((tool) => `${tool.name} ${formatWanted(tool.wanted)}`);
    throw new TandemError([noPackageManager(described)]);
  }
  if (process.getuid?.() !== 0) throw new TandemError([installNeedsRoot(packages, aptCommand(packages))]);
}

async function lockCache({ env, progress, signal }: Installation): Promise<Lock> {
  let waiting: Step | null = null;
  const lock = await waitForLock(
    join(cacheFolder(env), '.lock'),
    (heldBy) => {
      waiting ??= progress.step('toolchain');
      waiting.update(
        `waiting for another tandem that installs it${heldBy === null ? '' : ` (process ${heldBy})`}`,
      );
    },
    signal,
  );
  const step: Step | null = waiting;
  if (step !== null) finish(step);
  return lock;
}

/** A variable that only closures write to is null for the type checker. */
function finish(step: Step): void {
  step.done('the other tandem is done');
}

async function installAll(missing: Tool[], installation: Installation): Promise<void> {
  // One Go build at a time, each uses every processor; the modules of the next are fetched meanwhile.
  let building: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(build: () => Promise<T>): Promise<T> => {
    const turn = building.then(build, build);
    building = turn.catch(() => undefined);
    return turn;
  };
  const packaged = missing.filter(isPackaged);
  const work = missing
    .filter(isPinned)
    .map((tool) =>
      inStep(`${tool.name} ${tool.source.version}`, installation, (step) =>
        getPinned(tool, installation, step, inTurn),
      ),
    );
  if (packaged.length > 0) {
    const names = packaged.map(({ name }) => name).join(', ');
    work.push(inStep(names, installation, (step) => getPackaged(packaged, installation, step)));
  }
  const results = await Promise.allSettled(work);
  installation.signal.throwIfAborted();
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const diagnostics = failures.flatMap((error): Diagnostic[] => {
    if (error instanceof TandemError) return error.diagnostics;
    throw error;
  });
  if (diagnostics.length > 0) throw new TandemError(diagnostics);
}

async function inStep(
  title: string,
  { progress, signal }: Installation,
  work: (step: Step) => Promise<string>,
): Promise<void> {
  const step = progress.step(title);
  try {
    step.done(await work(step));
  } catch (error) {
    step.fail(signal.aborted ? 'interrupted; goes on from here next time' : undefined);
    throw error;
  }
}

type PinnedTool = Tool & { source: Pinned };
type PackagedTool = Tool & { source: Packaged };
const isPinned = (tool: Tool): tool is PinnedTool => tool.source.kind === 'pinned';
const isPackaged = (tool: Tool): tool is PackagedTool => tool.source.kind === 'packaged';

/** @returns how it was had */
async function getPinned(
  tool: PinnedTool,
  installation: Installation,
  step: Step,
  inTurn: <T>(build: () => Promise<T>) => Promise<T>,
): Promise<string> {
  const cache = cacheFolder(installation.env);
  const folder = join(unfinishedFolder(cache), `${tool.name}-${tool.source.version}`);
  const program = join(folder, 'bin', tool.name);
  await mkdir(dirname(program), { recursive: true });
  let how = 'the official release';
  try {
    await getRelease(tool, folder, program, installation, step);
  } catch (error) {
    if (!(error instanceof ReleaseUnavailable)) throw error;
    how = 'built from Go modules';
    await build(tool, program, error.message, installation, step, inTurn);
  }
  const version = await versionOf(tool, program);
  if (version === null || !isWanted(version, tool.wanted)) {
    await rm(folder, { recursive: true, force: true });
    throw new TandemError([programDoesNotRun(tool.name)]);
  }
  // A folder that is there already holds a program that does not run.
  const target = toolFolder(cache, tool, tool.source);
  await rm(target, { recursive: true, force: true });
  await rename(folder, target);
  return how;
}

async function getRelease(
  tool: PinnedTool,
  folder: string,
  program: string,
  { env, signal }: Installation,
  step: Step,
): Promise<void> {
  const { version, sha256 } = tool.source;
  const architecture = thisArchitecture();
  const file = `${tool.name}_${version}_linux_${architecture}.zip`;
  const archive = join(folder, file);
  step.update('looking for the official release');
  await download({
    url: `${releases(env)}/${tool.name}/${version}/${file}`,
    to: archive,
    sha256: sha256[architecture],
    signal,
    progress: (received, total) => {
      const of = total === null ? '' : ` of ${formatBytes(total)}`;
      const fraction = total === null ? undefined : received / total;
      step.update(`downloading ${formatBytes(received)}${of}`, fraction);
    },
  });
  await unzipProgram(archive, tool.name, program);
  await rm(archive);
}

async function build(
  tool: PinnedTool,
  program: string,
  whyNoRelease: string,
  { root, env, signal }: Installation,
  step: Step,
  inTurn: <T>(build: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const go = await goVersion(env, signal);
  const version = go === null ? null : parseVersion(go);
  if (version === null || !isWanted(version, { atLeast: leastGo })) {
    throw new TandemError([noWayToTool(`${tool.name} ${tool.source.version}`, whyNoRelease, go, leastGo)]);
  }
  const recipe = join(root, 'toolchain', tool.name);
  const goBuild: GoBuild = {
    name: tool.name,
    recipe,
    to: program,
    env,
    signal,
    progress: (detail, fraction) => step.update(detail, fraction),
  };
  step.update(`no official release (${whyNoRelease}); building it`);
  try {
    await fetchModules(goBuild);
    step.update('waiting for the build before it', 0);
    await inTurn(() => buildProgram(goBuild));
  } catch (error) {
    if (error instanceof GoBuildFailed) {
      throw new TandemError([toolBuildFailed(tool.name, error.message, whyNoRelease, error.output)]);
    }
    throw error;
  }
}

/** @returns how it was had */
async function getPackaged(
  missing: PackagedTool[],
  { env, signal }: Installation,
  step: Step,
): Promise<string> {
  const wanted = new Map<string, Wanted>();
  for (const tool of missing) {
    for (const name of tool.source.packages) wanted.set(name, tool.wanted);
  }
  try {
    await aptInstall({
      packages: missing.flatMap(({ source }) => source.packages),
      optional: missing.flatMap(({ source }) => source.optional),
      wanted,
      env,
      signal,
      progress: (detail, fraction) => step.update(detail, fraction),
    });
  } catch (error) {
    if (error instanceof AptFailed) throw new TandemError([aptFailed(error.message, error.output)]);
    if (error instanceof NotInDistribution) {
      const wish = wanted.get(error.packageName);
      const described = wish === undefined ? '' : formatWanted(wish);
      throw new TandemError([notInDistribution(error.packageName, error.version, described)]);
    }
    throw error;
  }
  return 'installed with apt-get';
}

function thisArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new TandemError([unknownProcessor(process.arch)]);
}
