import { join } from 'node:path';
import { type Diagnostic, TandemError } from '../../language/diagnostic.ts';
import { installNeedsRoot, noPackageManager, programDoesNotRun } from '../../language/errors/local.ts';
import type { Step } from '../../terminal/terminal.ts';
import { type Lock, waitForLock } from '../lock.ts';
import { aptCommand, hasApt } from './apt.ts';
import { cacheFolder } from './cache.ts';
import { type Found, findTool } from './find.ts';
import { type BundledTool, getBundled } from './get-bundled.ts';
import { type CompiledTool, getCompiled, type Way, wayTo } from './get-compiled.ts';
import { getPackages } from './get-packages.ts';
import { getPinned, type PinnedTool } from './get-pinned.ts';
import { type Installation, oneAtATime } from './installation.ts';
import { type Packaged, type Tool, tools } from './tools.ts';
import { formatWanted, type Wanted } from './version.ts';

/** Where every program of the stack is. */
export type Toolchain = ReadonlyMap<string, Located>;

export interface Located extends Found {
  /** It is not the one that is wanted, but the distribution's. */
  standsIn?: { forVersion: string; why: string; costs: string };
}

/**
 * Finds every tool, and gets those that are missing: the vendor's release, else a build from Go modules; nginx from its
 * source, else the distribution's; the distribution's packages beside that; mediasoup's worker by the vendor's release, else
 * from its source. What is complete stays, whatever happens to the others.
 *
 * @throws TandemError with everything that is in the way
 */
export async function ensureToolchain(installation: Installation, wanted = tools): Promise<Toolchain> {
  const first = await look(wanted, installation);
  if (first.gaps.length === 0) return located(first, new Map());
  await refuseWhatCannotWork(first.gaps);

  const lock = await lockCache(installation);
  let reasons: ReadonlyMap<string, string>;
  try {
    // Another `up` may have installed them while this one waited.
    const { gaps } = await look(wanted, installation);
    reasons = await fill(gaps, installation);
  } finally {
    await lock.release();
  }
  const last = await look(wanted, installation);
  const left = last.gaps.filter((gap) => gap.kind !== 'compiled' || gap.standIn === null);
  if (left.length > 0) throw new TandemError(left.map(({ tool }) => programDoesNotRun(tool.name)));
  return located(last, reasons);
}

/** A tool that is missing, and what can be done about it. */
type Gap =
  | { kind: 'pinned'; tool: PinnedTool }
  | { kind: 'bundled'; tool: BundledTool }
  | { kind: 'packaged'; tool: PackagedTool }
  | { kind: 'compiled'; tool: CompiledTool; standIn: Found | null; way: Way };

type PackagedTool = Tool & { source: Packaged };

interface Look {
  found: Map<string, Found>;
  /** Programs that will do, in place of what cannot be built. */
  standIns: { tool: CompiledTool; found: Found; why: string }[];
  gaps: Gap[];
}

async function look(wanted: readonly Tool[], { env, signal }: Installation): Promise<Look> {
  const searches = await Promise.all(
    wanted.map(async (tool) => ({ tool, search: await findTool(tool, env) })),
  );
  const result: Look = { found: new Map(), standIns: [], gaps: [] };
  for (const { tool, search } of searches) {
    if (search.found !== null) result.found.set(tool.name, search.found);
    else if (isPinned(tool)) result.gaps.push({ kind: 'pinned', tool });
    else if (isBundled(tool)) result.gaps.push({ kind: 'bundled', tool });
    else if (isPackaged(tool)) result.gaps.push({ kind: 'packaged', tool });
    else if (isCompiled(tool)) {
      const way = await wayTo(tool, env, signal);
      const { standIn } = search;
      if (way.whyNot !== null && standIn !== null) {
        result.standIns.push({ tool, found: standIn, why: way.whyNot });
      } else result.gaps.push({ kind: 'compiled', tool, standIn, way });
    }
  }
  return result;
}

/** @param reasons why a tool was not built although that was tried */
function located({ found, standIns, gaps }: Look, reasons: ReadonlyMap<string, string>): Toolchain {
  const all = new Map<string, Located>(found);
  const standIn = (tool: CompiledTool, program: Found, why: string) => {
    const { version, standIn } = tool.source;
    all.set(tool.name, { ...program, standsIn: { forVersion: version, why, costs: standIn.costs } });
  };
  for (const { tool, found: program, why } of standIns) standIn(tool, program, why);
  for (const gap of gaps) {
    if (gap.kind !== 'compiled' || gap.standIn === null) continue;
    standIn(gap.tool, gap.standIn, reasons.get(gap.tool.name) ?? 'it could not be built');
  }
  return all;
}

/** Says at once what would otherwise come out after minutes of building. */
async function refuseWhatCannotWork(gaps: Gap[]): Promise<void> {
  const packages = gaps.flatMap(packagesFor);
  if (packages.length === 0) return;
  if (!(await hasApt())) {
    const described = gaps.flatMap(({ kind, tool }) =>
      kind === 'pinned' || kind === 'bundled' ? [] : [`${tool.name} ${formatWanted(tool.wanted)}`],
    );
    throw new TandemError([noPackageManager(described)]);
  }
  if (process.getuid?.() !== 0) throw new TandemError([installNeedsRoot(packages, aptCommand(packages))]);
}

function packagesFor(gap: Gap): string[] {
  // A bundled one needs them only where its release cannot be had.
  if (gap.kind === 'pinned' || gap.kind === 'bundled') return [];
  return gap.kind === 'packaged' ? gap.tool.source.packages : gap.way.packages;
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
  if (step !== null) finishWaiting(step);
  return lock;
}

/** A variable that only closures write to is null for the type checker. */
function finishWaiting(step: Step): void {
  step.done('the other tandem is done');
}

/** @returns why a tool was not built, by name, where something else stands in for it */
async function fill(gaps: Gap[], installation: Installation): Promise<Map<string, string>> {
  // One build at a time, each uses every processor; what the next one needs is fetched meanwhile.
  const inTurn = oneAtATime();
  const reasons = new Map<string, string>();
  const packages = installPackages(gaps, installation);
  const builds = gaps.flatMap((gap) => {
    const { tool } = gap;
    if (gap.kind === 'pinned') {
      return inStep(`${tool.name} ${gap.tool.source.version}`, installation, async (step) => {
        step.done(await getPinned(gap.tool, installation, step, inTurn));
      });
    }
    if (gap.kind === 'bundled') {
      return inStep(`${tool.name} ${gap.tool.source.version}`, installation, async (step) => {
        step.done(await getBundled(gap.tool, settled(packages), installation, step, inTurn));
      });
    }
    if (gap.kind === 'packaged' || gap.way.whyNot !== null) return [];
    const compilation = { standIn: gap.standIn, packages: settled(packages), inTurn };
    return inStep(`${tool.name} ${gap.tool.source.version}`, installation, async (step) => {
      const why = await getCompiled(gap.tool, compilation, installation, step);
      if (why !== null) reasons.set(tool.name, why);
    });
  });
  const results = await Promise.allSettled([packages, ...builds]);
  installation.signal.throwIfAborted();
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const diagnostics = failures.flatMap((error): Diagnostic[] => {
    if (error instanceof TandemError) return error.diagnostics;
    throw error;
  });
  if (diagnostics.length > 0) throw new TandemError(diagnostics);
  return reasons;
}

/** All in one call, as apt-get lets only one run at a time. */
async function installPackages(gaps: Gap[], installation: Installation): Promise<void> {
  const servers = new Map<string, Wanted>();
  const others: string[] = [];
  for (const gap of gaps) {
    if (gap.kind === 'pinned' || gap.kind === 'bundled') continue;
    const { source, wanted } = gap.tool;
    const isBuilt = gap.kind === 'compiled' && gap.way.whyNot === null;
    if (isBuilt) {
      others.push(...gap.way.packages);
      continue;
    }
    const distribution = source.kind === 'compiled' ? source.standIn : { ...source, wanted };
    for (const name of distribution.packages) servers.set(name, distribution.wanted);
    others.push(...distribution.optional);
  }
  if (servers.size + others.length === 0) return;
  await inStep('apt packages', installation, async (step) => {
    await getPackages({ servers, others }, installation, step);
    step.done(`installed ${[...servers.keys(), ...others].join(', ')}`);
  });
}

async function settled(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

async function inStep(
  title: string,
  { progress, signal }: Installation,
  work: (step: Step) => Promise<void>,
): Promise<void> {
  const step = progress.step(title);
  try {
    await work(step);
  } catch (error) {
    step.fail(signal.aborted ? 'interrupted; goes on from here next time' : undefined);
    throw error;
  }
}

const isPinned = (tool: Tool): tool is PinnedTool => tool.source.kind === 'pinned';
const isBundled = (tool: Tool): tool is BundledTool => tool.source.kind === 'bundled';
const isPackaged = (tool: Tool): tool is PackagedTool => tool.source.kind === 'packaged';
const isCompiled = (tool: Tool): tool is CompiledTool => tool.source.kind === 'compiled';
