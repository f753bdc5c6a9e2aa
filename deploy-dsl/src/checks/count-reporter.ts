import { writeFile } from 'node:fs/promises';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { countsFileVariable, type FileCounts } from './vitest-counts.ts';

/**
 * A reporter of vitest: writes the counts of every file, as JSON, where the variable TANDEM_TEST_COUNTS says. Vitest's own
 * JSON leaves out what is thrown outside of any test; here such an error is a failure of the file that was running then.
 */
export default class CountReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): Promise<void> {
    const path = process.env[countsFileVariable];
    if (path === undefined) throw new Error(`${countsFileVariable} names no file`);
    const origins = errors.map(({ VITEST_TEST_PATH: origin }) => origin);
    const files = modules.map((module) => countsOf(module, origins));
    await writeFile(path, JSON.stringify(files));
  }
}

/** A file that fails without a failing test (a syntax error, a hook, an unhandled rejection) counts as one failure. */
function countsOf(module: TestModule, origins: readonly unknown[]): FileCounts {
  const states = [...module.children.allTests()].map((test) => test.result().state);
  const failed = states.filter((state) => state === 'failed').length;
  const passed = states.filter((state) => state === 'passed').length;
  const hasFailed = module.state() === 'failed' || origins.includes(module.moduleId);
  return {
    path: module.moduleId,
    passed,
    failed: hasFailed ? Math.max(1, failed) : failed,
    skipped: states.length - failed - passed,
  };
}
