#!/usr/bin/env node
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { addCopy, writeContracts } from './service-folder.ts';
import { serviceIn } from './service-in.ts';

/** `npm run contract [-- --from SERVICE] [-- --force]`, in the folder of a service. */
const { values } = parseArgs({
  options: {
    from: { type: 'string', multiple: true, default: [] },
    force: { type: 'boolean', default: false },
  },
});
const folder = resolve('.');
for (const other of values.from) await addCopy(folder, other);
const owner = serviceIn(await import(pathToFileURL(join(folder, 'src/service.ts')).href));
const { stale, breaks } = await writeContracts(folder, owner, { force: values.force });
if (breaks.length > 0 && !values.force) {
  console.error(
    [
      `The contract of ${owner.name} would break its readers:`,
      ...breaks.map((found) => `  ${found}`),
      'Give the event a new version beside the old one. If nobody can have read it yet: --force',
    ].join('\n'),
  );
  process.exitCode = 1;
} else {
  for (const name of stale) console.log(`written: ${name}`);
}
