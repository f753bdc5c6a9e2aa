// Run by the launcher when it has installed the npm packages, with the folder that has them as its argument.
import { rename, rm, writeFile } from 'node:fs/promises';
import { createRequire, registerHooks } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { manifestName, packedFolder, packedPackages } from './packages.ts';

const root = resolve(process.argv[2] ?? '.');
const modules = join(root, 'node_modules');
const require = createRequire(join(root, 'package.json'));
const { rolldown }: typeof import('rolldown') = await import(pathToFileURL(require.resolve('rolldown')).href);

const entries = await findEntries();
const target = packedFolder(modules);
const unfinished = `${target}.tmp`;
/** Of a chunk, where it is: a module of CommonJS may ask where itself was. */
const chunkFolder = '__tandemPacked';

const bundle = await rolldown({
  input: Object.fromEntries(entries.map(({ name }) => [fileOf(name), virtual(name)])),
  platform: 'node',
  // Whoever imports them may use everything.
  treeshake: false,
  plugins: [
    {
      name: 'entries',
      resolveId: (id) => (entries.some(({ name }) => virtual(name) === id) ? id : null),
      load: (id) => entries.find(({ name }) => virtual(name) === id)?.source ?? null,
    },
    {
      name: 'folders of CommonJS',
      transform(code, id) {
        if (!/\b__dirname\b/.test(code)) return null;
        const folder = relative(target, dirname(id));
        return `const __dirname = require('node:path').join(${chunkFolder}, ${JSON.stringify(folder)});${code}`;
      },
    },
  ],
});
await rm(unfinished, { recursive: true, force: true });
await bundle.write({
  dir: unfinished,
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name]-[hash].mjs',
  banner: `const ${chunkFolder} = import.meta.dirname;`,
});
await bundle.close();
const manifest = entries.map(({ name, path }) => [relative(modules, path), `${fileOf(name)}.mjs`]);
await writeFile(join(unfinished, manifestName), JSON.stringify(Object.fromEntries(manifest)));
await rm(target, { recursive: true, force: true });
await rename(unfinished, target);

interface Entry {
  name: string;
  /** The file that an import of the name leads to. */
  path: string;
  /** A module that exports what that file does: bundlers do not see the names that a CommonJS file exports, Node does. */
  source: string;
}

async function findEntries(): Promise<Entry[]> {
  const found = new Map<string, string>();
  const parentURL = pathToFileURL(join(root, 'package.json')).href;
  // Node itself says what a name leads to from this folder, which is not the one that this file is in.
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (context.parentURL !== import.meta.url) return next(specifier, context);
      const result = next(specifier, { ...context, parentURL });
      found.set(specifier, fileURLToPath(result.url));
      return result;
    },
  });
  const read: Entry[] = [];
  for (const name of packedPackages) {
    const namespace: object = await import(name);
    const path = found.get(name);
    if (path === undefined) throw new Error(`${name} was not resolved`);
    read.push({ name, path, source: sourceOf(path, Object.keys(namespace)) });
  }
  hooks.deregister();
  return read;
}

function sourceOf(path: string, names: string[]): string {
  const from = JSON.stringify(path);
  if (!names.includes('module.exports')) {
    const whole = names.includes('default') ? `\nexport { default } from ${from};` : '';
    return `export * from ${from};${whole}`;
  }
  const named = names.filter((name) => name !== 'default' && name !== 'module.exports');
  return `import exported from ${from};\nexport default exported;\nexport const { ${named.join(', ')} } = exported;`;
}

function virtual(name: string): string {
  return `\0packed:${name}`;
}

function fileOf(name: string): string {
  return name.replace('@', '').replaceAll('/', '-');
}
