import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

/** Packages of hundreds of small files, whose loading takes longer than most commands do: name to name of the packed file. */
export const packedPackages: ReadonlyMap<string, string> = new Map([
  ['typebox', 'typebox.mjs'],
  ['typebox/value', 'typebox-value.mjs'],
  ['consul', 'consul.mjs'],
]);

/** Where the launcher has them packed, beside what they were packed from. */
export const packedFolder = (modules: string): string => join(modules, '.tandem-packed');

/**
 * Lets these packages be loaded as one file each. A copy that was made in vain or not at all changes nothing: the packages
 * themselves are loaded then.
 */
export function usePackedPackages(modules: string): void {
  const folder = packedFolder(modules);
  if (!existsSync(folder)) return;
  registerHooks({
    resolve(specifier, context, next) {
      const file = packedPackages.get(specifier);
      return next(file === undefined ? specifier : join(folder, file), context);
    },
  });
}
