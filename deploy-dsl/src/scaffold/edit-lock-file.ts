import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { lockFileUnusable } from '../language/errors/scaffold.ts';
import { manifestOf } from './source-files.ts';

type Packages = Record<string, object>;

/**
 * The text of package-lock.json with one more workspace, as `npm install` would write it. A service needs no package that
 * is not there already, so nothing has to be fetched.
 * @throws TandemError TDM-545
 */
export function addToLockFile(text: string, name: string): string {
  const lock = read(text);
  const { name: packageName, version, license, dependencies } = manifestOf(name);
  const packages: Packages = {
    ...lock.packages,
    [`node_modules/${packageName}`]: { resolved: `services/${name}`, link: true },
    [`services/${name}`]: { name: packageName, version, license, dependencies },
  };
  const sorted = Object.entries(packages).sort(([one], [other]) => one.localeCompare(other, 'en'));
  return `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** Whether a package of this name is a part of the project. */
export function hasPackage(text: string, name: string): boolean {
  return Object.hasOwn(read(text).packages, `node_modules/${manifestOf(name).name}`);
}

function read(text: string): { packages: Packages } {
  const lock = parse(text);
  if (typeof lock === 'object' && lock !== null && 'packages' in lock) {
    const { packages } = lock;
    if (typeof packages === 'object' && packages !== null) return { ...lock, packages: { ...packages } };
  }
  throw new TandemError([lockFileUnusable('it lists no packages')], exitCodes.badInput);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TandemError([lockFileUnusable(`it is no JSON (${String(error)})`)], exitCodes.badInput);
  }
}
