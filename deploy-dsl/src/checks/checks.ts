import { glob, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Check, holds } from './check.ts';
import { type VitestRun, withMoreTries } from './more-tries.ts';
import { runNode } from './run-node.ts';
import { makeTestFolder } from './test-folder.ts';
import { countsFileVariable, readCounts } from './vitest-counts.ts';

/** Where and how the checks run. */
export interface Surroundings {
  root: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Output that is shown to the user may have colours. */
  colour: boolean;
}

/** Format and lint rules of biome.json. */
export function lintCheck(surroundings: Surroundings): Check {
  return {
    name: 'format and lint',
    async run() {
      const colours = surroundings.colour ? 'force' : 'off';
      const { code, output } = await run(surroundings, '@biomejs/biome/bin/biome', [
        'check',
        `--colors=${colours}`,
      ]);
      return holds(code === 0, output);
    },
  };
}

/** The compiler over everything; Node itself only strips the types. What runs in browsers has other types. */
export function typesCheck(surroundings: Surroundings): Check {
  return {
    name: 'types',
    async run() {
      const pretty = ['--pretty', String(surroundings.colour)];
      const projects = ['.'];
      for await (const client of glob('services/*/client', { cwd: surroundings.root })) projects.push(client);
      const results = await Promise.all(
        projects.map((project) =>
          run(surroundings, 'typescript/bin/tsc', ['--noEmit', '--project', project, ...pretty]),
        ),
      );
      const failed = results.filter(({ code }) => code !== 0);
      return holds(failed.length === 0, failed.map(({ output }) => output).join('\n'));
    },
  };
}

/**
 * The tests of one project of vitest.config.ts. Files that fail are tried again, see more-tries.ts; before that the stack
 * is brought back to what services.yml says where the tests are against it.
 *
 * @param filters parts of file names; none means all tests
 */
export function vitestCheck(
  surroundings: Surroundings,
  project: 'unit' | 'stack',
  name: string,
  filters: readonly string[],
): Check {
  return {
    name,
    async run(say) {
      const folder = await makeTestFolder();
      let left: string[] = [];
      try {
        // What the tests of the stack start is the stack itself, and stays.
        const env = project === 'unit' ? { ...surroundings.env, TMPDIR: folder.path } : surroundings.env;
        const counts = join(folder.path, 'counts.json');
        let isFirst = true;
        const result = await withMoreTries(async (again) => {
          if (!isFirst && project === 'stack') await bringBack(surroundings);
          isFirst = false;
          if (again === null) return runVitest({ ...surroundings, env }, project, filters, counts, say);
          say(`once more, by itself: ${again.map((path) => relative(surroundings.root, path)).join(', ')}`);
          const alone = ['--maxWorkers', '1', ...again];
          return runVitest({ ...surroundings, env }, project, alone, counts, say);
        });
        left = await folder.clear();
        return left.length === 0 ? result : { ...result, output: `${result.output}\n${leftBehind(left)}` };
      } finally {
        await folder.clear();
      }
    },
  };
}

async function runVitest(
  surroundings: Surroundings,
  project: string,
  args: readonly string[],
  countsFile: string,
  say: (detail: string) => void,
): Promise<VitestRun> {
  await rm(countsFile, { force: true });
  let finished = 0;
  let failed = 0;
  const onLine = (line: string) => {
    const file = readFileLine(line);
    if (file !== null) {
      finished += file.tests;
      failed += file.failed;
      say(`${file.path} ${file.words}; ${finished} tests so far${failed > 0 ? `, ${failed} failed` : ''}`);
    }
  };
  const { code, output } = await run(
    { ...surroundings, env: { ...surroundings.env, [countsFileVariable]: countsFile } },
    'vitest/vitest.mjs',
    [
      'run',
      ...['--project', project, '--passWithNoTests'],
      ...['--reporter', 'default', '--reporter', join(import.meta.dirname, 'count-reporter.ts')],
      ...args,
    ],
    onLine,
  );
  const counts = readCounts(await readFile(countsFile, 'utf8').catch(() => null));
  return { files: counts, endedWell: code === 0, failures: failuresOf(output) };
}

/** What a failed test of the stack left as it was not before is made right; how that goes, the tests themselves will say. */
async function bringBack(surroundings: Surroundings): Promise<void> {
  const { root: cwd, env, signal } = surroundings;
  await runNode(join(cwd, 'deploy-dsl/src/main.ts'), ['up'], { cwd, env, signal });
}

/** Whether a filter names any test of a project. */
export async function hasTests(
  surroundings: Surroundings,
  project: 'unit' | 'stack',
  filters: readonly string[],
): Promise<boolean> {
  const { output } = await run(surroundings, 'vitest/vitest.mjs', [
    'list',
    ...['--filesOnly', '--json', '--project', project],
    ...filters,
  ]);
  return output.includes('"file"');
}

const leftBehind = (commands: string[]) =>
  [
    'The tests left these processes behind; they were ended:',
    ...commands.map((command) => `  ${command}`),
  ].join('\n');

/** ` ✓ |unit| common/test/log.test.ts (12 tests | 1 failed) 340ms`, the line of vitest for a file that has run. */
export function readFileLine(line: string) {
  const [, mark, path, tests, more = '', took] =
    /^\s*([✓❯×↓])\s.*?([^\s|]+\.test\.ts)\s+\((\d+) tests?((?: \| \d+ \w+)*)\)\s*(\S+)?/.exec(
      stripVTControlCharacters(line),
    ) ?? [];
  if (path === undefined) return null;
  // A file that does not load has no test.
  const isBroken = tests === '0' && mark !== '✓' && mark !== '↓';
  const failed = isBroken ? 1 : Number(/(\d+) failed/.exec(more)?.[1] ?? 0);
  const words = [
    `${tests} test${tests === '1' ? '' : 's'}${isBroken ? ', failed' : more.replaceAll(' | ', ', ')}`,
    ...(took === undefined ? [] : [`in ${took}`]),
  ];
  return { path, tests: Number(tests), failed, words: words.join(' ') };
}

const failuresTitle = /^.*Failed (?:Suites|Tests) \d+|^.*Unhandled Errors?/m;

/** Vitest's own account of the failures, without the list of everything that passed. */
function failuresOf(output: string): string {
  const start = failuresTitle.exec(output)?.index;
  return start === undefined ? output : output.slice(start);
}

/** Vitest says a line for each file; none of ours takes half as long, on whatever machine. */
const longestSilenceMs = 15 * 60_000;

function run(
  { root, env, signal, colour }: Surroundings,
  script: string,
  args: readonly string[],
  onLine?: (line: string) => void,
) {
  return runNode(join(root, 'node_modules', script), args, {
    cwd: root,
    env: { ...env, ...(colour ? { FORCE_COLOR: '1' } : { FORCE_COLOR: undefined, NO_COLOR: '1' }) },
    signal,
    killed: script.startsWith('vitest/'),
    silentMs: longestSilenceMs,
    ...(onLine === undefined ? {} : { onLine }),
  });
}
