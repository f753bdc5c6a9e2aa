import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, type CheckResult, holds } from './check.ts';
import { runNode } from './run-node.ts';
import { countReport } from './vitest-report.ts';

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

/** The compiler over everything; Node itself only strips the types. */
export function typesCheck(surroundings: Surroundings): Check {
  return {
    name: 'types',
    async run() {
      const pretty = ['--pretty', String(surroundings.colour)];
      const { code, output } = await run(surroundings, 'typescript/bin/tsc', ['--noEmit', ...pretty]);
      return holds(code === 0, output);
    },
  };
}

/**
 * The tests of one project of vitest.config.ts.
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
      const folder = await mkdtemp(join(tmpdir(), 'tandem-test-'));
      try {
        return await runVitest(surroundings, project, filters, join(folder, 'report.json'), say);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function runVitest(
  surroundings: Surroundings,
  project: string,
  filters: readonly string[],
  reportFile: string,
  say: (detail: string) => void,
): Promise<CheckResult> {
  let finished = 0;
  let failed = 0;
  const onLine = (line: string) => {
    const [, mark] = testLine.exec(line) ?? [];
    if (mark !== undefined) {
      finished += 1;
      failed += mark === '✓' ? 0 : 1;
      say(`${finished} tests${failed > 0 ? `, ${failed} failed` : ''}`);
    }
  };
  const { code, output } = await run(
    surroundings,
    'vitest/vitest.mjs',
    [
      'run',
      ...['--project', project, '--passWithNoTests'],
      ...['--reporter', 'verbose', '--reporter', 'json', `--outputFile.json=${reportFile}`],
      ...filters,
    ],
    onLine,
  );
  const report = await readFile(reportFile, 'utf8').catch(() => null);
  const counts = countReport(report, code === 0);
  return { ...counts, output: counts.failed === 0 ? '' : failuresOf(output) };
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

// biome-ignore lint/suspicious/noControlCharactersInRegex: styles around the mark are control characters
const testLine = /^(?:\x1b\[[\d;]*m|\s)*([✓×])/;
const failuresTitle = /^.*Failed (?:Suites|Tests) \d+|^.*Unhandled Errors?/m;

/** Vitest's own account of the failures, without the list of everything that passed. */
function failuresOf(output: string): string {
  const start = failuresTitle.exec(output)?.index;
  return start === undefined ? output : output.slice(start);
}

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
    ...(onLine === undefined ? {} : { onLine }),
  });
}
