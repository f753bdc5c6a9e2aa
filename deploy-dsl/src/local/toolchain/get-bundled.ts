import { chmod, mkdir, rm } from 'node:fs/promises';
import { release as kernelRelease } from 'node:os';
import { dirname, join } from 'node:path';
import { TandemError } from '../../language/diagnostic.ts';
import { installNeedsRoot, toolBuildFailed } from '../../language/errors/local.ts';
import { formatBytes } from '../../terminal/size.ts';
import type { Step } from '../../terminal/terminal.ts';
import { aptCommand, notInstalled } from './apt.ts';
import { CrateUnavailable, crateSource, hasCargo } from './crate-source.ts';
import { versionOf } from './find.ts';
import { getPackages } from './get-packages.ts';
import { finish, type Installation, type InTurn, openWorkplace, type Workplace } from './installation.ts';
import { download, ReleaseUnavailable } from './release.ts';
import { runProgram } from './run-program.ts';
import type { Bundled, Tool } from './tools.ts';

export type BundledTool = Tool & { source: Bundled };

/** Its authors' server; the variable is the one that their own install step reads. */
function releases(env: NodeJS.ProcessEnv): string {
  const base = env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL;
  return (base ?? 'https://github.com/versatica/mediasoup/releases/download').replace(/\/+$/, '');
}

/** The source in the crates registry that is linked into the program. */
const crate = 'openssl-src';

/**
 * The vendor's release, else a build from the source in the npm package.
 *
 * @param packages settles when the distribution's packages of the other tools are installed
 * @returns how it was had
 * @throws TandemError
 */
export async function getBundled(
  tool: BundledTool,
  packages: Promise<unknown>,
  installation: Installation,
  step: Step,
  inTurn: InTurn,
): Promise<string> {
  const workplace = await openWorkplace(tool, installation.env);
  let how = 'the official release';
  try {
    await getRelease(tool, workplace, installation, step);
  } catch (error) {
    if (!(error instanceof ReleaseUnavailable)) throw error;
    how = 'built from source';
    const failed = (what: string, output: string[]) =>
      new TandemError([toolBuildFailed(tool.name, what, error.message, output)]);
    step.update(
      `no official release (${error.message}); building it: about ${tool.source.buildMinutes} min on two free cores`,
    );
    await packages;
    await installMissing(tool, installation, step);
    await build(tool, workplace, installation, step, inTurn, failed);
  }
  await finish(tool, workplace, installation.env);
  return how;
}

/** @throws ReleaseUnavailable also where the release does not run here */
async function getRelease(
  tool: BundledTool,
  { folder, program }: Workplace,
  { env, signal }: Installation,
  step: Step,
): Promise<void> {
  const { version } = tool.source;
  const file = `${tool.name}-${version}-linux-${process.arch}-kernel${Number.parseInt(kernelRelease(), 10)}.tgz`;
  const archive = join(folder, file);
  step.update('looking for the official release');
  await download({
    url: `${releases(env)}/${version}/${file}`,
    to: archive,
    sha256: null,
    signal,
    progress: (received, total) =>
      step.update(
        `downloading ${formatBytes(received)}${total === null ? '' : ` of ${formatBytes(total)}`}`,
        total === null ? undefined : received / total,
      ),
  });
  await mkdir(dirname(program), { recursive: true });
  const args = ['-xzf', archive, '-C', dirname(program), tool.name];
  const { code, tail } = await runProgram({ command: 'tar', args, env, signal });
  await rm(archive);
  if (code !== 0) throw new ReleaseUnavailable(`it cannot be unpacked: ${tail.at(-1) ?? ''}`);
  await chmod(program, 0o755);
  if ((await versionOf(tool, program)) === null) {
    await rm(program);
    throw new ReleaseUnavailable('it does not run on this machine');
  }
}

async function installMissing(
  { source }: BundledTool,
  installation: Installation,
  step: Step,
): Promise<void> {
  const missing = await notInstalled(source.packages, installation.env, installation.signal);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new TandemError([installNeedsRoot(missing, aptCommand(missing))]);
  await getPackages({ servers: new Map(), others: missing }, installation, step);
}

async function build(
  tool: BundledTool,
  { folder, program }: Workplace,
  { root, env, signal }: Installation,
  step: Step,
  inTurn: InTurn,
  failed: (what: string, output: string[]) => TandemError,
): Promise<void> {
  const recipe = join(root, 'toolchain', tool.name);
  if (!(await hasCargo(env, signal)))
    throw failed('cargo, which a part of its source comes with, is not on PATH', []);
  const openssl = await crateSource({ name: crate, recipe, env, signal }).catch((error: unknown) => {
    throw error instanceof CrateUnavailable ? failed(error.message, error.output) : error;
  });
  // Flags of the user's own projects would change what is built.
  const { MAKEFLAGS: _make, CFLAGS: _c, CXXFLAGS: _cxx, LDFLAGS: _ld, CPPFLAGS: _cpp, ...rest } = env;
  let doing = '';
  const { code, tail } = await inTurn(step, () =>
    runProgram({
      command: 'bash',
      args: [
        join(recipe, 'build.sh'),
        ...[tool.source.packageFolder, join(openssl, 'openssl'), join(folder, 'work'), program],
      ],
      env: rest,
      signal,
      onLine: (line) => {
        const named = /^step: (.+)/.exec(line)?.[1];
        const [, done, total] = /^\[(\d+)\/(\d+)\] /.exec(line) ?? [];
        if (named !== undefined) {
          doing = named;
          step.update(doing, null);
        } else if (done !== undefined) {
          step.update(`${doing}: ${done} of ${total} files`, Number(done) / Number(total));
        }
      },
    }),
  );
  if (code !== 0) throw failed(`${doing === '' ? 'the build' : doing} failed`, tail);
  await rm(join(folder, 'work'), { recursive: true, force: true });
}
