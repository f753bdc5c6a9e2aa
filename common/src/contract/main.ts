#!/usr/bin/env node
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { describeService } from './description.ts';
import { addApiCopy, addEventsCopy, writeContracts } from './service-folder.ts';
import { serviceIn } from './service-in.ts';

/** `npm run contract [-- --from SERVICE] [-- --call 'SERVICE[ METHOD PATH]'] [-- --force]`, in the folder of a service. */
const { values } = parseArgs({
  options: {
    from: { type: 'string', multiple: true, default: [] },
    call: { type: 'string', multiple: true, default: [] },
    force: { type: 'boolean', default: false },
  },
});
const folder = resolve('.');
for (const other of values.from) await addEventsCopy(folder, other);
for (const call of values.call) {
  const [, other = call, operation = null] = /^(\S+) (.+)$/.exec(call) ?? [];
  await addApiCopy(folder, other, operation);
}
const service = serviceIn(await import(pathToFileURL(join(folder, 'src/service.ts')).href));
const { stale, breaks, unfit } = await writeContracts(folder, await describeService(service), {
  force: values.force,
});
if (breaks.length > 0 && !values.force) {
  console.error(
    [
      `The contract of ${service.name} would break those who rely on it:`,
      ...breaks.map((found) => `  ${found}`),
      'Give an event a new version beside the old one, and an operation a new path or optional properties.',
      'If nobody can rely on it yet: --force',
    ].join('\n'),
  );
  process.exitCode = 1;
} else {
  for (const name of stale) console.log(`written: ${name}`);
}
if (unfit.length > 0) {
  console.error(
    ['Copies do not fit (renew them by --call or --from):', ...unfit.map((found) => `  ${found}`)].join('\n'),
  );
  process.exitCode = 1;
}
