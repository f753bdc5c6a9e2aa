import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../../language/diagnostic.ts';
import { noWayToTool, toolBuildFailed, unknownProcessor } from '../../language/errors/local.ts';
import { formatBytes } from '../../terminal/size.ts';
import type { Step } from '../../terminal/terminal.ts';
import { buildProgram, fetchModules, type GoBuild, GoBuildFailed, goVersion, leastGo } from './go-build.ts';
import { finish, type Installation, type InTurn, openWorkplace, type Workplace } from './installation.ts';
import { download, ReleaseUnavailable } from './release.ts';
import type { Architecture, Pinned, Tool } from './tools.ts';
import { unzipProgram } from './unzip.ts';
import { isWanted, parseVersion } from './version.ts';

export type PinnedTool = Tool & { source: Pinned };

/** The vendor's server; a company's mirror of the same layout may stand in for it. */
function releases(env: NodeJS.ProcessEnv): string {
  return (env.TANDEM_RELEASES ?? 'https://releases.hashicorp.com').replace(/\/+$/, '');
}

/**
 * The vendor's release, else a build from Go modules.
 *
 * @returns how it was had
 */
export async function getPinned(
  tool: PinnedTool,
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
    how = 'built from Go modules';
    await build(tool, workplace.program, error.message, installation, step, inTurn);
  }
  await finish(tool, workplace, installation.env);
  return how;
}

async function getRelease(
  tool: PinnedTool,
  { folder, program }: Workplace,
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
  inTurn: InTurn,
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
  step.update(
    `no official release (${whyNoRelease}); building it: about ${tool.source.buildMinutes} min on two free cores`,
  );
  try {
    await fetchModules(goBuild);
    await inTurn(step, () => buildProgram(goBuild));
  } catch (error) {
    if (error instanceof GoBuildFailed) {
      throw new TandemError([toolBuildFailed(tool.name, error.message, whyNoRelease, error.output)]);
    }
    throw error;
  }
}

function thisArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new TandemError([unknownProcessor(process.arch)]);
}
