// Run by the launcher when it has installed the npm packages, with the folder that has them as its argument.
import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, parse, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packedFolder, packedPackages } from './packed-packages.ts';

const root = resolve(process.argv[2] ?? '.');
const require = createRequire(join(root, 'package.json'));
const { rolldown }: typeof import('rolldown') = await import(pathToFileURL(require.resolve('rolldown')).href);

const target = packedFolder(join(root, 'node_modules'));
const unfinished = `${target}.tmp`;
const bundle = await rolldown({
  cwd: join(root, 'deploy-dsl'),
  input: Object.fromEntries([...packedPackages].map(([name, file]) => [parse(file).name, name])),
  platform: 'node',
  // The names that a CommonJS file exports are lost in a packed one: of `yaml` its ES modules are packed.
  resolve: { alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') } },
  // Whoever imports them may use everything.
  treeshake: false,
});
await rm(unfinished, { recursive: true, force: true });
await bundle.write({
  dir: unfinished,
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name]-[hash].mjs',
});
await bundle.close();
await rm(target, { recursive: true, force: true });
await rename(unfinished, target);
