import { hash } from 'node:crypto';
import { build, type Plugin } from 'vite';

/** What an installed app needs besides what Vite puts together. */
const publicFiles = ['/icon.svg', '/icon-192.png', '/icon-512.png', '/manifest.webmanifest'];

/**
 * Builds the service worker beside the client, as `/worker.js`, with the names of all files of this version in it.
 *
 * @param entry its source
 */
export function workerPlugin(entry: string): Plugin {
  return {
    name: 'tandem-worker',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      const made = Object.values(bundle).filter(({ fileName }) => fileName.startsWith('assets/'));
      const files = made.map(({ fileName }) => `/${fileName}`).filter((path) => !path.endsWith('.map'));
      const page = bundle['index.html'];
      const content = page?.type === 'asset' ? page.source : '';
      // Names of files change with their content; the page has no such name.
      const version = hash('sha256', JSON.stringify([files, String(content)])).slice(0, 16);
      const source = await buildWorker(entry, version, [...files, ...publicFiles]);
      this.emitFile({ type: 'asset', fileName: 'worker.js', source });
    },
  };
}

/** @returns the worker of one version, which keeps these files */
export async function buildWorker(entry: string, version: string, files: readonly string[]): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'warn',
    define: { __FILES__: JSON.stringify(files), __VERSION__: JSON.stringify(version) },
    build: {
      write: false,
      lib: { entry, formats: ['iife'], name: 'worker', fileName: () => 'worker.js' },
    },
  });
  const chunks = [output].flat().flatMap((each) => ('output' in each ? each.output : []));
  const [first] = chunks.filter((chunk) => chunk.type === 'chunk');
  if (first === undefined) throw new Error(`nothing was built of ${entry}`);
  return first.code;
}
