import { TandemError } from '../../language/diagnostic.ts';
import { aptFailed, notInDistribution } from '../../language/errors/local.ts';
import type { Step } from '../../terminal/terminal.ts';
import { AptFailed, aptInstall, NotInDistribution } from './apt.ts';
import type { Installation } from './installation.ts';
import { formatWanted, type Wanted } from './version.ts';

/** Packages to install at once. */
export interface Packages {
  /** Those that must be there, and what each must at least be. */
  servers: ReadonlyMap<string, Wanted>;
  /** Installed where the distribution has them. */
  others: string[];
}

/**
 * Installs packages of the distribution.
 *
 * @throws TandemError
 */
export async function getPackages(
  { servers, others }: Packages,
  { env, signal }: Installation,
  step: Step,
): Promise<void> {
  try {
    await aptInstall({
      packages: [...servers.keys()],
      optional: others,
      wanted: servers,
      env,
      signal,
      progress: (detail, fraction) => step.update(detail, fraction),
    });
  } catch (error) {
    if (error instanceof AptFailed) throw new TandemError([aptFailed(error.message, error.output)]);
    if (error instanceof NotInDistribution) {
      const wish = servers.get(error.packageName);
      const described = wish === undefined ? '' : formatWanted(wish);
      throw new TandemError([notInDistribution(error.packageName, error.version, described)]);
    }
    throw error;
  }
}
