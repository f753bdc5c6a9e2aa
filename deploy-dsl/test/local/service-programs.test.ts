import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TandemError } from '../../src/language/diagnostic.ts';
import { servicePrograms } from '../../src/local/toolchain/service-programs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-programs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function service(name: string, manifest: string): Promise<string> {
  const directory = join(folder, name);
  await mkdir(directory);
  await writeFile(join(directory, 'package.json'), manifest);
  return directory;
}

const turnserver = { packages: ['coturn'], atLeast: '4.6' };
const naming = (programs: unknown) => JSON.stringify({ tandem: { programs } });

test('programs that services name are had from the distribution, each once', async () => {
  const directories = await Promise.all([
    service('turn', naming({ turnserver })),
    service('relay', naming({ turnserver })),
    service('chat', '{}'),
    service('broken', '{'),
    join(folder, 'nowhere'),
  ]);
  expect(await servicePrograms(directories)).toEqual([
    {
      name: 'turnserver',
      wanted: { atLeast: '4.6' },
      versionArgs: ['--version'],
      folders: expect.arrayContaining(['/usr/bin']),
      source: { kind: 'packaged', packages: ['coturn'], optional: [] },
    },
  ]);
});

test.each([
  ['a list', ['coturn']],
  ['a path', { '../turnserver': turnserver }],
  ['an option for apt-get', { turnserver: { ...turnserver, packages: ['--allow-unauthenticated'] } }],
  ['a command', { turnserver: { ...turnserver, packages: ['coturn; reboot'] } }],
  ['no package', { turnserver: { ...turnserver, packages: [] } }],
  ['no version', { turnserver: { packages: ['coturn'] } }],
  ['a key that nobody knows', { turnserver: { ...turnserver, run: 'reboot' } }],
  ['what every stack has', { nginx: turnserver }],
])('%s is refused, with the file', async (_name, programs) => {
  const directory = await service('turn', naming(programs));
  const failure = await servicePrograms([directory]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TandemError);
  expect((failure as TandemError).diagnostics).toMatchObject([
    { code: 'TDM-418', title: `${join(directory, 'package.json')}: "tandem.programs" cannot be read` },
  ]);
});

test('two services that differ about a program are told', async () => {
  const directories = [
    await service('turn', naming({ turnserver })),
    await service('relay', naming({ turnserver: { ...turnserver, atLeast: '4.5' } })),
  ];
  await expect(servicePrograms(directories)).rejects.toThrow(TandemError);
});
