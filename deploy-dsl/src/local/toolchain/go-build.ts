import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runProgram } from './run-program.ts';
import { formatVersion, parseVersion } from './version.ts';

/** The first Go that fetches, as a module, the newer Go that a recipe asks for. */
export const leastGo = '1.21';

export interface GoBuild {
  /** Of the tool. */
  name: string;
  /** The Go package of the program; when not given, the one of HashiCorp by that name. */
  package?: string;
  /** The folder with its go.mod and go.sum, which pin every module by checksum. */
  recipe: string;
  /** Where the program goes. */
  to: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress(detail: string, fraction?: number | null): void;
}

/** The build failed; the message holds what Go said last. */
export class GoBuildFailed extends Error {
  override readonly name = 'GoBuildFailed';
  readonly output: string[];

  constructor(what: string, output: string[]) {
    super(what);
    this.output = output;
  }
}

/** The linker leaves debug information out; not to make it in the first place saves a tenth of the time. */
const buildFlags = ['-mod=readonly', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags=-s -w'];
/** Linking and writing the program, in packages: what the rest of the time is like. */
const linkWeight = 0.06;

/** The version of the Go on PATH; null when there is none. */
export async function goVersion(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string | null> {
  let version: string | null = null;
  const onLine = (line: string) => {
    const found = /go(\d[\d.]*)/.exec(line);
    const parsed = found?.[1] === undefined ? null : parseVersion(found[1]);
    if (parsed !== null) version = formatVersion(parsed);
  };
  try {
    await runProgram({ command: 'go', args: ['version'], env: goEnvironment(env), signal, onLine });
  } catch {
    signal.throwIfAborted();
    return null;
  }
  return version;
}

/** Fetches the modules that the build needs: from the network, while another build has the processors. */
export async function fetchModules(build: GoBuild): Promise<void> {
  let fetched = 0;
  build.progress('fetching Go modules', null);
  const outcome = await runProgram({
    command: 'go',
    // Listing reads just the modules that the program imports; `go mod download` would take all that are pinned.
    args: ['list', ...buildFlags, '-deps', '-f', '{{if false}}{{end}}', packageOf(build)],
    cwd: build.recipe,
    env: goEnvironment(build.env),
    signal: build.signal,
    onLine: (line) => {
      if (!line.startsWith('go: downloading')) return;
      fetched += 1;
      // How many there will be is known to nobody: most modules that go.sum pins are not imported.
      build.progress(`fetching Go modules: ${fetched}`, null);
    },
  });
  if (outcome.code !== 0) throw new GoBuildFailed('fetching Go modules failed', outcome.tail);
}

/** Builds the program. Packages that were built before, or by an attempt that was interrupted, are not built again. */
export async function buildProgram(build: GoBuild): Promise<void> {
  build.progress('counting what is to be built', null);
  const total = await countStale(build);
  let built = 0;
  await mkdir(dirname(build.to), { recursive: true });
  const report = () => {
    const fraction = total === 0 ? 1 - linkWeight : Math.min(1, built / total) * (1 - linkWeight);
    const what = built >= total ? 'linking' : `building: ${built} of ${total} packages`;
    build.progress(what, fraction);
  };
  report();
  const outcome = await runProgram({
    command: 'go',
    args: ['build', '-v', ...buildFlags, '-o', build.to, packageOf(build)],
    cwd: build.recipe,
    env: goEnvironment(build.env),
    signal: build.signal,
    onLine: () => {
      built += 1;
      report();
    },
  });
  if (outcome.code !== 0) throw new GoBuildFailed('go build failed', outcome.tail);
}

/** How many packages are not in Go's build cache. */
async function countStale(build: GoBuild): Promise<number> {
  let stale = 0;
  const outcome = await runProgram({
    command: 'go',
    args: ['list', ...buildFlags, '-deps', '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', packageOf(build)],
    cwd: build.recipe,
    env: goEnvironment(build.env),
    signal: build.signal,
    onLine: () => {
      stale += 1;
    },
  });
  if (outcome.code !== 0) throw new GoBuildFailed('go list failed', outcome.tail);
  return stale;
}

function packageOf(build: GoBuild): string {
  return build.package ?? `github.com/hashicorp/${build.name}`;
}

/** The user's Go settings (proxy, cache folders), without those that would change what is built. */
function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GOFLAGS: _flags, GOOS: _os, GOARCH: _architecture, GOWORK: _work, ...rest } = env;
  return { ...rest, GOWORK: 'off', GOTOOLCHAIN: env.GOTOOLCHAIN ?? 'auto' };
}
