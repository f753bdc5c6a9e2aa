import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../../language/diagnostic.ts';
import { installNeedsRoot } from '../../language/errors/local.ts';
import type { Step } from '../../terminal/terminal.ts';
import { aptCommand, hasApt, notInstalled } from './apt.ts';
import { CompileFailed, compileNginx } from './compile-nginx.ts';
import { CrateUnavailable, crateSource, hasCargo } from './crate-source.ts';
import type { Found } from './find.ts';
import { getPackages } from './get-packages.ts';
import { finish, type Installation, type InTurn, openWorkplace } from './installation.ts';
import { sourceOf } from './source-package.ts';
import type { Compiled, Tool } from './tools.ts';

export type CompiledTool = Tool & { source: Compiled };

/** How a tool that is compiled can be had on this machine. */
export interface Way {
  /** Null: it can be built. */
  whyNot: string | null;
  /** What has to be installed first: for the build, else to stand in for it. */
  packages: string[];
}

/** The source in the crates registry, and of Debian's brotli module, for `toolchain/nginx/`. */
const crate = 'nginx-src';
const brotliPackage = 'libnginx-mod-http-brotli';

/** Looks at what the build needs, and changes nothing. */
export async function wayTo(
  { source }: CompiledTool,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Way> {
  if (!(await hasCargo(env, signal))) {
    return { whyNot: 'its source comes with cargo, which is not on PATH', packages: source.standIn.packages };
  }
  const packages = await notInstalled(source.packages, env, signal);
  if (packages.length > 0 && process.getuid?.() !== 0) {
    return { whyNot: `what it is built with takes root to install: ${aptCommand(packages)}`, packages };
  }
  return { whyNot: null, packages };
}

/** What a compiled tool is built with, or what is taken instead. */
export interface Compilation {
  /** The distribution's program, if it is there. */
  standIn: Found | null;
  /** Settles when the packages of the build are installed; false: they could not be. */
  packages: Promise<boolean>;
  inTurn: InTurn;
}

/**
 * Builds the tool; where that fails, sees to it that there is something to stand in for it.
 *
 * @returns why it was not built; null when it was
 */
export async function getCompiled(
  tool: CompiledTool,
  compilation: Compilation,
  installation: Installation,
  step: Step,
): Promise<string | null> {
  try {
    await build(tool, compilation, installation, step);
    return null;
  } catch (error) {
    if (!(error instanceof CompileFailed || error instanceof CrateUnavailable)) throw error;
    const why = [error.message, ...error.output.slice(-1)].join(': ');
    if (compilation.standIn === null) {
      step.update(`${why}; installing the one of the distribution`);
      await installStandIn(tool, installation, step);
    }
    step.skip(`the one of the distribution instead: ${why}`);
    return why;
  }
}

async function installStandIn({ source: { standIn } }: CompiledTool, installation: Installation, step: Step) {
  if (!(await hasApt())) return;
  if (process.getuid?.() !== 0) {
    throw new TandemError([installNeedsRoot(standIn.packages, aptCommand(standIn.packages))]);
  }
  const servers = new Map(standIn.packages.map((name) => [name, standIn.wanted]));
  await getPackages({ servers, others: standIn.optional }, installation, step);
}

async function build(
  tool: CompiledTool,
  { packages, inTurn }: Compilation,
  installation: Installation,
  step: Step,
): Promise<void> {
  const { root, env, signal } = installation;
  const workplace = await openWorkplace(tool, env);
  const { folder, program } = workplace;
  step.update(`fetching its source, to build it: about ${tool.source.buildMinutes} min on two free cores`);
  const [source, brotli] = await Promise.all([
    crateSource({ name: crate, recipe: join(root, 'toolchain', tool.name), env, signal }),
    sourceOf({ name: brotliPackage, folder: join(folder, 'brotli'), env, signal }),
  ]);
  step.wait('waiting for the packages that it is built with');
  if (!(await packages)) throw new CompileFailed('the packages that it is built with are missing', []);
  await inTurn(step, () =>
    compileNginx({
      source: join(source, 'nginx'),
      brotli,
      folder: join(folder, 'source'),
      to: program,
      env,
      signal,
      progress: (detail, fraction) => step.update(detail, fraction),
    }),
  );
  for (const part of ['source', 'brotli']) await rm(join(folder, part), { recursive: true, force: true });
  await finish(tool, workplace, env);
  step.done(brotli === null ? 'built from source, without brotli' : 'built from source');
}
