import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runNode } from '../../src/checks/run-node.ts';
import { run } from '../../src/cli/run.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const repository = resolve(import.meta.dirname, '../../..');
const longest = `a${'-very'.repeat(9)}-long`.slice(0, 50);

/** A project like this one, with packages and services that are this one's. */
async function makeProject(root: string): Promise<void> {
  const files = ['package.json', 'package-lock.json', 'biome.json', 'tsconfig.json', 'vitest.config.ts'];
  for (const file of [...files, 'services.yml', '.gitignore'])
    await cp(join(repository, file), join(root, file));
  await cp(join(repository, 'common'), join(root, 'common'), { recursive: true });
  for (const service of ['auth', 'users']) {
    await cp(join(repository, 'services', service), join(root, 'services', service), { recursive: true });
  }
  const modules = join(root, 'node_modules');
  await mkdir(join(modules, '@tandem'), { recursive: true });
  for (const entry of readdirSync(join(repository, 'node_modules'))) {
    if (entry !== '@tandem') await symlink(join(repository, 'node_modules', entry), join(modules, entry));
  }
  await symlink('../../common', join(modules, '@tandem/common'));
}

async function tandem(root: string, ...words: string[]) {
  const { context, stdout, stderr } = testContext({ root, cwd: root });
  const code = await run(words, context);
  return { code, output: stdout(), errors: stderr() };
}

/** Everything in the project that the command may touch, to see that it did not. */
function stateOf(root: string) {
  const texts = ['services.yml', 'package-lock.json'].map((file) => readFileSync(join(root, file), 'utf8'));
  return [...texts, readdirSync(join(root, 'services')), readdirSync(join(root, 'node_modules/@tandem'))];
}

describe('a new service', () => {
  const folder = temporaryFolder();
  const root = folder.path;
  beforeAll(() => makeProject(root));
  afterAll(() => folder[Symbol.dispose]());

  test('is shown and not written by --dry-run', async () => {
    const before = stateOf(root);
    const { code, output } = await tandem(root, 'new', 'service', 'polls', '--redis', '--dry-run');
    expect([code, output]).toEqual([0, expect.stringContaining('services/polls/src/routes.ts')]);
    expect(output).toContain('+     redis: { persistent: true }');
    expect(output).not.toContain('next');
    expect(stateOf(root)).toEqual(before);
  });

  test('is a part of services.yml and of the workspaces, and nothing else has changed', async () => {
    const [text, lock] = stateOf(root);
    const events = ['--publishes', 'poll.opened', '--consumes', 'user.registered'];
    expect(await tandem(root, 'new', 'service', 'a')).toMatchObject({ code: 0, errors: '' });
    expect(await tandem(root, 'new', 'service', longest, ...events)).toMatchObject({ code: 0, errors: '' });

    const { services, environments } = parse(await readFile(join(root, 'services.yml'), 'utf8'));
    expect(services.a).toEqual({ routes: ['/api/a'], needs: ['auth'], calls: ['auth'] });
    expect(services[longest]).toEqual({
      routes: [`/api/${longest}`],
      needs: ['auth'],
      calls: ['auth'],
      redis: { persistent: true },
      publishes: ['poll.opened'],
      consumes: ['user.registered'],
    });
    expect(environments.production.services.a).toEqual({ version: '0.1.0' });
    const before = parse(String(text));
    expect(Object.keys(services)).toEqual([...Object.keys(before.services), 'a', longest]);
    const packages = Object.keys(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages);
    expect(packages.filter((path) => !String(lock).includes(`"${path}"`))).toEqual([
      'node_modules/@tandem/a',
      `node_modules/@tandem/${longest}`,
      'services/a',
      `services/${longest}`,
    ]);
    expect(existsSync(join(root, 'node_modules/@tandem/a/package.json'))).toBe(true);
    expect(readdirSync(join(root, 'services')).sort()).toEqual(['a', longest, 'auth', 'users'].sort());
    expect(await tandem(root, 'validate')).toMatchObject({ code: 0 });
  });

  test('is as the lint rules and the compiler want it, whether its name is short or long', async () => {
    const written = ['a', longest].map((name) => `services/${name}`);
    const lint = await node(root, '@biomejs/biome/bin/biome', 'check', '--colors=off', ...written);
    expect(lint.code, lint.output).toBe(0);
    await writeFile(
      join(root, 'tsconfig.written.json'),
      JSON.stringify({ extends: './tsconfig.json', include: written, exclude: [] }),
    );
    const types = await node(root, 'typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.written.json');
    expect(types.code, types.output).toBe(0);
  }, 600_000);

  test('passes its own tests, with and without data and events', async () => {
    const filters = ['a', longest].map((name) => `services/${name}/`);
    const options = ['--project', 'unit', '--maxWorkers=1', '--testTimeout=300000', '--hookTimeout=300000'];
    const { code, output } = await node(root, 'vitest/vitest.mjs', 'run', ...options, ...filters);
    expect(code, output).toBe(0);
    expect(output).toContain('events.test.ts');
  }, 900_000);
});

describe('what cannot be a service leaves everything as it was', () => {
  const folder = temporaryFolder();
  const root = folder.path;
  beforeAll(async () => {
    await makeProject(root);
    await mkdir(join(root, 'services/half-made'));
  });
  afterAll(() => folder[Symbol.dispose]());

  test.each([
    ['a name that is taken', ['users'], 'TDM-541'],
    ['a folder that is there', ['half-made'], 'TDM-541'],
    ['the name of another package', ['common'], 'TDM-541'],
    ['a job of the platform', ['edge'], 'TDM-540'],
    ['the Redis of a service', ['users-redis'], 'TDM-540'],
    ['capitals', ['Polls'], 'TDM-540'],
    ['a path', ['../polls'], 'TDM-540'],
    ['a prototype', ['__proto__'], 'TDM-540'],
    ['nothing', [''], 'TDM-540'],
    ['a name over two lines', ['a\nb'], 'TDM-540'],
    ['51 characters', ['a'.repeat(51)], 'TDM-540'],
    ['a very long name', ['a'.repeat(100_000)], 'TDM-540'],
    ['no name', [], 'TDM-507'],
    ['an event that nobody publishes', ['polls', '--consumes', 'user.registred'], 'TDM-543'],
    ['an event that is none', ['polls', '--publishes', 'opened'], 'TDM-542'],
    ['an event with a quote', ['polls', '--publishes', "poll.o'"], 'TDM-542'],
    ['an event of somebody else', ['polls', '--publishes', 'user.registered'], 'TDM-542'],
    ['an event that would hide a function', ['polls', '--publishes', 'define.event'], 'TDM-542'],
    ['an event that is too long', ['polls', '--publishes', `poll.${'x'.repeat(300)}`], 'TDM-544'],
  ])('%s', async (_what, words, expected) => {
    const before = stateOf(root);
    const { code, errors } = await tandem(root, 'new', 'service', ...words);
    expect([code, errors]).toEqual([2, expect.stringContaining(expected)]);
    expect(errors.length).toBeLessThan(2_000);
    expect(stateOf(root)).toEqual(before);
  });

  test('a services.yml with errors is shown with them first', async () => {
    const text = await readFile(join(root, 'services.yml'), 'utf8');
    await writeFile(join(root, 'services.yml'), text.replace('calls: [auth]', 'calls: [nobody]'));
    const before = stateOf(root);
    const { code, errors } = await tandem(root, 'new', 'service', 'polls');
    expect([code, errors]).toEqual([2, expect.stringContaining('unknown service "nobody"')]);
    expect(stateOf(root)).toEqual(before);
    await writeFile(join(root, 'services.yml'), text);
  });

  test.each([
    ['missing', null],
    ['empty', ''],
    ['something else', '[]'],
  ])('a lock file that is %s', async (_what, text) => {
    const file = join(root, 'package-lock.json');
    const before = await readFile(file, 'utf8');
    await (text === null ? rm(file) : writeFile(file, text));
    const { code, errors } = await tandem(root, 'new', 'service', 'polls');
    await writeFile(file, before);
    expect([code, errors]).toEqual([2, expect.stringContaining('TDM-545')]);
    expect(readdirSync(join(root, 'services'))).not.toContain('polls');
  });
});

function node(root: string, script: string, ...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  const { signal } = new AbortController();
  return runNode(join(root, 'node_modules', script), args, { cwd: root, env, signal });
}
