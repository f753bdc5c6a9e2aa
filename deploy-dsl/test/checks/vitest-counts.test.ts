import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runNode } from '../../src/checks/run-node.ts';
import { countsFileVariable, readCounts } from '../../src/checks/vitest-counts.ts';

const root = join(import.meta.dirname, '../../..');
const reporter = join(root, 'deploy-dsl/src/checks/count-reporter.ts');

/** Runs one test file of the given text in a vitest of its own. */
async function counted(text: string) {
  // Below the root, where vitest is found.
  const folder = await mkdtemp(join(root, 'node_modules/.tandem-counts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'x.test.js');
  const countsFile = join(folder, 'counts.json');
  await writeFile(path, `import { afterAll, expect, test } from 'vitest';\n${text}`);
  await writeFile(join(folder, 'vitest.config.js'), 'export default { test: { include: ["*.test.js"] } };');
  const { code } = await runNode(
    join(root, 'node_modules/vitest/vitest.mjs'),
    ['run', '--root', folder, '--reporter', reporter],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, [countsFileVariable]: countsFile },
      signal: AbortSignal.timeout(100_000),
    },
  );
  const counts = readCounts(await readFile(countsFile, 'utf8'));
  return { code, counts: counts?.map((each) => ({ ...each, path: each.path === path })) };
}

describe('what vitest reports is counted so that nothing that went wrong looks like success', () => {
  test.each([
    {
      what: 'passed, failed, skipped and todo tests',
      text: `test('a', () => {}); test('b', () => { expect(1).toBe(2); }); test.skip('c', () => {}); test.todo('d');`,
      code: 1,
      counts: { passed: 1, failed: 1, skipped: 2 },
    },
    {
      what: 'a file that does not load',
      text: 'this is no JavaScript',
      code: 1,
      counts: { passed: 0, failed: 1, skipped: 0 },
    },
    {
      what: 'a hook that fails after its tests passed',
      text: `test('a', () => {}); afterAll(() => { throw new Error('x'); });`,
      code: 1,
      counts: { passed: 1, failed: 1, skipped: 0 },
    },
    {
      what: 'an unhandled rejection in a file whose every test passed',
      text: `test('a', async () => { Promise.reject(new Error('x')); await new Promise((done) => setTimeout(done, 50)); });`,
      code: 1,
      counts: { passed: 1, failed: 1, skipped: 0 },
    },
    {
      what: 'a file in which all is well',
      text: `test('a', () => {});`,
      code: 0,
      counts: { passed: 1, failed: 0, skipped: 0 },
    },
  ])('$what', async ({ text, code, counts }) => {
    expect(await counted(text)).toEqual({ code, counts: [{ path: true, ...counts }] });
  });

  test.each([
    { what: 'nothing', text: null },
    { what: 'half of it', text: '[{"path"' },
    { what: 'something else', text: '[{"path":"/a","passed":-1,"failed":0,"skipped":0}]' },
  ])('of $what there are no counts', ({ text }) => {
    expect(readCounts(text)).toBeNull();
  });
});
