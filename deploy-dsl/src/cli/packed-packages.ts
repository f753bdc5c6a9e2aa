import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

/** Packages of hundreds of small files, whose loading takes longer than most commands do: name to name of the packed file. */
export const packedPackages: ReadonlyMap<string, string> = new Map([
  ['typebox', 'typebox.mjs'],
  ['typebox/value', 'typebox-value.mjs'],
  ['consul', 'consul.mjs'],
  ['yaml', 'yaml.mjs'],
]);

/** Where the launcher has them packed, beside what they were packed from. */
export const packedFolder = (modules: string): string => join(modules, '.tandem-packed');

/**
 * Lets these packages be loaded as one file each. A copy that was made in vain or not at all changes nothing: the packages
 * themselves are loaded then.
 */
export function usePackedPackages(modules: string): void {
  const folder = packedFolder(modules);
  // Packed by an older Tandem, some may be missing.
  const files = new Map(
    [...packedPackages]
      .map(([name, file]): [string, string] => [name, join(folder, file)])
      .filter(([, file]) => existsSync(file)),
  );
  if (files.size === 0) return;
  registerHooks({
    resolve: (specifier, context, next) => next(files.get(specifier) ?? specifier, context),
  });
}
