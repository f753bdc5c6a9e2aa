import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { lockFileUnusable } from '../language/errors/scaffold.ts';
import { findingsOf } from '../language/load.ts';
import { readSource } from '../language/read.ts';
import { readIfPresent } from '../local/files.ts';
import { addToLockFile } from '../scaffold/edit-lock-file.ts';
import { checkedRequest } from '../scaffold/request.ts';
import { stageService } from '../scaffold/scaffold.ts';
import { servicesIn, withService } from '../scaffold/services-yml.ts';
import type { Command, Context } from './command.ts';
import { displayOf } from './file.ts';

/** `tandem new service NAME` */
export const create: Command = {
  args: [
    { name: '<kind>', description: 'what to make', choices: ['service'] },
    { name: '<name>', description: 'lower-case letters, digits and hyphens' },
  ],
  options: [
    { flags: '--redis', description: 'it keeps data, in a persistent Redis of its own' },
    {
      flags: '--publishes <event>',
      description: 'an event that it tells others, poll.opened (needs the Redis)',
    },
    {
      flags: '--consumes <event>',
      description: 'an event of another service that it handles (needs the Redis)',
    },
    { flags: '--dry-run', description: 'show what would be written, and write nothing' },
  ],
  examples: [
    { line: 'tandem new service polls', what: 'one route, its tests, and its lines in services.yml' },
    { line: 'tandem new service polls --redis --dry-run', what: 'look at what would be written' },
    {
      line: 'tandem new service polls --publishes poll.opened --consumes user.registered',
      what: 'with data and events',
    },
  ],
  description:
    'Writes services/NAME and adds it to services.yml and to the workspaces of npm; nothing is fetched. Its tests pass as ' +
    'it is, and the next deploy runs it behind /api/NAME. All of it is written or nothing.',
  async run(context, { args: [, name = ''], options }) {
    const { root, signal, terminal } = context;
    const file = join(root, 'services.yml');
    const source = await readSource(file, displayOf(context, file));
    const { environments, diagnostics } = findingsOf(source, null);
    if (diagnostics.some(({ severity }) => severity === 'error')) {
      throw new TandemError(diagnostics, exitCodes.badInput);
    }
    const lockFile = await readIfPresent(join(root, 'package-lock.json'));
    if (lockFile === null) throw new TandemError([lockFileUnusable('it is missing')], exitCodes.badInput);
    const services = servicesIn(source);
    const given = (option: unknown) => (typeof option === 'string' ? option : null);
    const service = await checkedRequest(
      {
        name,
        redis: options.redis === true,
        publishes: given(options.publishes),
        consumes: given(options.consumes),
      },
      { root, services, lockFile },
    );
    const changed = {
      servicesYml: withService(source, service, services),
      lockFile: addToLockFile(lockFile, name),
    };
    await using staged = await stageService(root, service, signal);
    signal.throwIfAborted();
    const dry = options.dryRun === true;
    if (!dry) await staged.keep(changed);
    terminal.print(dry ? 'would write' : 'wrote');
    for (const path of staged.files) terminal.print(`  services/${name}/${path}`);
    terminal.print(`  services.yml${addedLines(source.text, changed.servicesYml)}`);
    terminal.print('  package-lock.json');
    if (!dry) terminal.print(await nextSteps(context, name, environments));
    return exitCodes.fine;
  },
};

/** The new lines, as they stand in the file. */
function addedLines(before: string, after: string): string {
  const old = before.split(/\r?\n/);
  const added: string[] = [];
  for (const line of after.split(/\r?\n/)) {
    if (line === old[0]) old.shift();
    else if (line.trim() !== '') added.push(`\n    + ${line}`);
  }
  return added.join('');
}

async function nextSteps({ root }: Context, name: string, environments: readonly string[]): Promise<string> {
  const reviewed: string[] = [];
  for (const environment of environments) {
    const folder = `nomad-jobs/${environment}`;
    const isThere = await access(join(root, folder, 'compiled.json')).then(
      () => true,
      () => false,
    );
    if (isThere) reviewed.push(`  ./tandem compile --env ${environment} --out ${folder}`);
  }
  return [
    '',
    'next',
    `  ./tandem test --unit services/${name}/`,
    `  ./tandem deploy        # then it answers at /api/${name}`,
    ...reviewed,
    '',
    `What it is made of, and where to go on: services/${name}/README.md, docs/services.md`,
  ].join('\n');
}
