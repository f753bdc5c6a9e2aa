import { lstatSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Packages of dozens or hundreds of small files, whose loading is most of a short command and a third of the start of a
 * service. What `common` and the services use beside them is loaded as it is.
 */
export const packedPackages: readonly string[] = [
  ...['typebox', 'typebox/value', 'typebox/schema', 'typebox/compile', 'consul', 'yaml'],
  ...['fastify', '@fastify/static', '@fastify/swagger', '@fastify/websocket', 'ajv', 'ajv-formats'],
  ...['amqplib', 'ioredis', 'jsonwebtoken', 'nodemailer', 'pino', 'prom-client'],
];

/** Where the launcher has them packed, beside what they were packed from. */
export const packedFolder = (modules: string): string => join(modules, '.tandem-packed');

/** Beside the packed files: path of a package's entry, relative to node_modules, to the name of its packed file. */
export const manifestName = 'manifest.json';

/**
 * Lets this process import these packages as one file each. Replaced is the file that a name leads to, not the name: whoever
 * has another version of a package of its own goes on with that. A copy that was made in vain or not at all changes nothing:
 * the packages themselves are loaded then.
 */
export function usePackedPackages(modules: string): void {
  const folder = packedFolder(modules);
  const packed = new Map(
    readManifest(folder).map(([entry, file]) => [
      pathToFileURL(join(modules, entry)).href,
      pathToFileURL(join(folder, file)).href,
    ]),
  );
  if (packed.size === 0) return;
  registerHooks({
    resolve(specifier, context, next) {
      if (!context.conditions.includes('import')) return next(specifier, context);
      const source = sourceBeside(specifier, context.parentURL);
      if (source !== null) return { url: source, shortCircuit: true };
      const found = next(specifier, context);
      const url = packed.get(found.url);
      return url === undefined ? found : { url, format: 'module' };
    },
  });
}

/**
 * Where an import of a source file by its path leads, without all that Node looks for: with some hundred files this is a
 * tenth of a short command. What is no plain file, or not there, is left to Node, and so are its words about it.
 */
function sourceBeside(specifier: string, importer: string | undefined): string | null {
  if (importer === undefined || !/^\.\.?\/.*\.ts$/.test(specifier)) return null;
  const url = new URL(specifier, importer);
  return lstatSync(url, { throwIfNoEntry: false })?.isFile() ? url.href : null;
}

/** What the launcher of an older Tandem packed has no manifest. */
function readManifest(folder: string): [string, string][] {
  try {
    const manifest: Record<string, string> = JSON.parse(readFileSync(join(folder, manifestName), 'utf8'));
    return Object.entries(manifest);
  } catch {
    return [];
  }
}
