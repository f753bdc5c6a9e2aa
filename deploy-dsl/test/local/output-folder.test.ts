import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { exitCodes, TandemError } from '../../src/language/diagnostic.ts';
import { manifestName, writeOutput } from '../../src/local/output-folder.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const first = new Map([
  ['aws/auth.nomad.json', 'auth 1'],
  ['aws/rooms.nomad.json', 'rooms 1'],
  ['rabbitmq.json', 'queues 1'],
]);
const second = new Map([
  ['gcp/polls.nomad.json', 'polls 2'],
  ['aws/auth.nomad.json', 'auth 2'],
  ['rabbitmq.json', 'queues 1'],
]);

/** Every file below a folder with its content. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The code of the error, which must be about bad input. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TandemError)) throw new Error(`no refusal but ${error}`);
  expect(error.exitCode).toBe(exitCodes.badInput);
  return error.diagnostics.map(({ code, evidence }) => [code, ...evidence].join(' ')).join('\n');
}

describe('the output folder', () => {
  test('is made, and holds the files and their list', async () => {
    using temporary = temporaryFolder();
    const folder = join(temporary.path, 'not/there/yet');
    expect((await writeOutput(folder, 'staging', first)).added).toEqual([...first.keys()].sort());
    const { [manifestName]: manifest = '', ...files } = contentOf(folder);
    expect(files).toEqual(Object.fromEntries(first));
    expect(JSON.parse(manifest)).toMatchObject({ environment: 'staging', files: [...first.keys()].sort() });
  });

  test('loses what is no longer wanted, folders too, and keeps what others put there', async () => {
    using temporary = temporaryFolder();
    const folder = temporary.path;
    write(folder, 'README.md', 'mine');
    write(folder, 'aws/notes.txt', 'mine, too');
    await writeOutput(folder, 'staging', new Map([...first, ['old/only.json', 'x']]));
    expect(await writeOutput(folder, 'staging', second)).toEqual({
      added: ['gcp/polls.nomad.json'],
      changed: ['aws/auth.nomad.json'],
      same: ['rabbitmq.json'],
      removed: ['aws/rooms.nomad.json', 'old/only.json'],
    });
    const { [manifestName]: _, ...files } = contentOf(folder);
    const mine = { 'README.md': 'mine', 'aws/notes.txt': 'mine, too' };
    expect(files).toEqual({ ...Object.fromEntries(second), ...mine });
    expect(existsSync(join(folder, 'old'))).toBe(false);
  });

  test('is not touched where it is as wanted', async () => {
    using temporary = temporaryFolder();
    await writeOutput(temporary.path, 'staging', first);
    const times = () =>
      Object.keys(contentOf(temporary.path)).map((path) => statSync(join(temporary.path, path)).mtimeMs);
    const before = times();
    const { same, ...rest } = await writeOutput(temporary.path, 'staging', first);
    expect(same).toHaveLength(first.size);
    expect(Object.values(rest).flat()).toEqual([]);
    expect(times()).toEqual(before);
  });

  test('an edited file of ours is put right again', async () => {
    using temporary = temporaryFolder();
    await writeOutput(temporary.path, 'staging', first);
    write(temporary.path, 'rabbitmq.json', 'edited');
    expect((await writeOutput(temporary.path, 'staging', first)).changed).toEqual(['rabbitmq.json']);
    expect(readFileSync(join(temporary.path, 'rabbitmq.json'), 'utf8')).toBe('queues 1');
  });

  test('a file that an interrupted call left is ours', async () => {
    using temporary = temporaryFolder();
    const folder = temporary.path;
    const files = [...first.keys()];
    write(
      folder,
      manifestName,
      JSON.stringify({ writtenBy: 'tandem compile', environment: 'staging', files }),
    );
    write(folder, 'rabbitmq.json', 'half a fi');
    const { added, changed } = await writeOutput(folder, 'staging', first);
    expect({ added, changed }).toEqual({
      added: ['aws/auth.nomad.json', 'aws/rooms.nomad.json'],
      changed: ['rabbitmq.json'],
    });
  });
});

describe("what is somebody else's", () => {
  test.each([
    ['a file with the name of one of ours', 'aws/auth.nomad.json', 'aws/auth.nomad.json'],
    ['a folder with the name of one of our files', 'rabbitmq.json/x', 'rabbitmq.json'],
    ['a file with the name of one of our folders', 'aws', 'aws'],
    ['a list that is not ours', manifestName, manifestName],
  ])('%s is in the way, and nothing changes', async (_, path, obstacle) => {
    using temporary = temporaryFolder();
    write(temporary.path, path, 'mine');
    expect(await refusal(writeOutput(temporary.path, 'staging', first))).toBe(`TDM-532 ${obstacle}`);
    expect(contentOf(temporary.path)).toEqual({ [path]: 'mine' });
  });

  test('a link is not followed out of the folder, neither to write nor to remove', async () => {
    using temporary = temporaryFolder();
    const [folder, outside] = [join(temporary.path, 'out'), join(temporary.path, 'outside')];
    write(outside, 'auth.nomad.json', 'mine');
    mkdirSync(folder);
    symlinkSync(outside, join(folder, 'aws'));
    expect(await refusal(writeOutput(folder, 'staging', first))).toBe('TDM-532 aws');
    const list = { writtenBy: 'tandem compile', environment: 'x', files: ['aws/auth.nomad.json'] };
    write(folder, manifestName, JSON.stringify(list));
    expect((await writeOutput(folder, 'staging', new Map([['b.json', 'b']]))).removed).toEqual([]);
    expect(contentOf(outside)).toEqual({ 'auth.nomad.json': 'mine' });
  });

  test.each(['../outside.txt', '/etc/hostname', 'aws/../../outside.txt', '.', ''])(
    'a list that names "%s" is not ours',
    async (path) => {
      using temporary = temporaryFolder();
      const folder = join(temporary.path, 'out');
      write(temporary.path, 'outside.txt', 'mine');
      const list = { writtenBy: 'tandem compile', environment: 'staging', files: [path] };
      write(folder, manifestName, JSON.stringify(list));
      expect(await refusal(writeOutput(folder, 'staging', first))).toBe(`TDM-532 ${manifestName}`);
      expect(readFileSync(join(temporary.path, 'outside.txt'), 'utf8')).toBe('mine');
    },
  );
});

describe('tandem compile --out', () => {
  async function compile(out: string) {
    const { context, stdout, stderr } = testContext();
    return { code: await run(['compile', '--env', 'staging', '--out', out], context), stdout, stderr };
  }

  test('says what it did, by file where there were some before', async () => {
    using temporary = temporaryFolder();
    const folder = temporary.path;
    expect((await compile(folder)).stdout()).toMatch(/^\d+ files in .*: \d+ new\n$/);
    expect((await compile(folder)).stdout()).toMatch(/^\d+ files in .*: all as before\n$/);
    write(folder, 'aws/auth.nomad.json', 'edited');
    expect((await compile(folder)).stdout()).toMatch(/^changed +aws\/auth\.nomad\.json\n.*: 1 changed\n$/);
  });

  test.each([
    ['a file', 'TDM-530', (folder: string) => join(folder, 'file')],
    ['something below a file', 'TDM-530', (folder: string) => join(folder, 'file/below')],
    // Nobody can make a folder there, not even root.
    ['a folder that cannot be made', 'TDM-531', () => '/proc/tandem'],
    ['a name that is too long', 'TDM-531', (folder: string) => join(folder, 'x'.repeat(300))],
    ['nothing', 'TDM-504', () => ''],
  ])('refuses %s', async (_, code, path) => {
    using temporary = temporaryFolder();
    write(temporary.path, 'file', 'mine');
    const result = await compile(path(temporary.path));
    expect(result.code).toBe(exitCodes.badInput);
    expect(result.stderr()).toContain(code);
    expect(contentOf(temporary.path)).toEqual({ file: 'mine' });
  });
});
