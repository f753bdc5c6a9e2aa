import { dirname } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { runProgram } from './run-program.ts';

/** A package of the crates registry, had by a recipe: a manifest that depends on it, and a lock with its checksum. */
export interface Crate {
  name: string;
  /** The folder with Cargo.toml and Cargo.lock. */
  recipe: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** cargo could not get the source; `output` holds its last words. */
export class CrateUnavailable extends Error {
  override readonly name = 'CrateUnavailable';
  readonly output: string[];

  constructor(what: string, output: string[]) {
    super(what);
    this.output = output;
  }
}

const Metadata = Type.Object({
  packages: Type.Array(Type.Object({ name: Type.String(), manifest_path: Type.String() })),
});

/** cargo is on PATH and runs. */
export async function hasCargo(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<boolean> {
  try {
    return (await runProgram({ command: 'cargo', args: ['--version'], env, signal })).code === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * Fetches the package and what it depends on into cargo's own cache, checked against the lock. Nothing is compiled.
 *
 * @returns the folder of the package; not ours to write to
 * @throws CrateUnavailable
 */
export async function crateSource({ name, recipe, env, signal }: Crate): Promise<string> {
  let answer = '';
  const outcome = await runProgram({
    command: 'cargo',
    // A build for one platform needs a third of what the lock names.
    args: ['metadata', '--locked', '--format-version', '1', '--filter-platform', platform()],
    cwd: recipe,
    env,
    signal,
    onLine: (line) => {
      if (line.startsWith('{')) answer = line;
    },
  });
  if (outcome.code !== 0) throw new CrateUnavailable(`cargo could not fetch ${name}`, outcome.tail);
  const metadata: unknown = JSON.parse(answer);
  const found = Value.Check(Metadata, metadata) ? metadata.packages.find((each) => each.name === name) : null;
  if (!found) throw new CrateUnavailable(`cargo does not say where it put ${name}`, []);
  return dirname(found.manifest_path);
}

function platform(): string {
  return `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;
}
