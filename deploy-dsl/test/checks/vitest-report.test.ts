import { describe, expect, test } from 'vitest';
import { countFiles, readReport } from '../../src/checks/vitest-report.ts';

const report = (...files: { status: string; tests: string[] }[]) =>
  JSON.stringify({
    testResults: files.map(({ status, tests }, i) => ({
      name: `/x/${i}.test.ts`,
      status,
      assertionResults: tests.map((each) => ({ status: each, title: 'x' })),
    })),
  });

describe('what vitest reports is counted so that nothing that went wrong looks like success', () => {
  test.each([
    {
      what: 'passed, failed, skipped and todo tests',
      text: report(
        { status: 'passed', tests: ['passed', 'skipped'] },
        { status: 'failed', tests: ['failed', 'failed', 'passed', 'todo'] },
      ),
      endedWell: false,
      counts: { passed: 2, failed: 2, skipped: 2 },
    },
    {
      what: 'a file that does not load',
      text: report({ status: 'failed', tests: [] }, { status: 'passed', tests: ['passed'] }),
      endedWell: false,
      counts: { passed: 1, failed: 1, skipped: 0 },
    },
    {
      what: 'a hook that fails after its tests passed',
      text: report({ status: 'failed', tests: ['passed', 'passed'] }),
      endedWell: false,
      counts: { passed: 2, failed: 1, skipped: 0 },
    },
    {
      what: 'an unhandled rejection in a run where every test passed',
      text: report({ status: 'passed', tests: ['passed'] }),
      endedWell: false,
      counts: { passed: 1, failed: 1, skipped: 0 },
    },
    { what: 'no report at all', text: null, endedWell: true, counts: { passed: 0, failed: 1, skipped: 0 } },
    {
      what: 'half a report',
      text: '{"testRes',
      endedWell: false,
      counts: { passed: 0, failed: 1, skipped: 0 },
    },
    {
      what: 'a run without tests',
      text: report(),
      endedWell: true,
      counts: { passed: 0, failed: 0, skipped: 0 },
    },
  ])('$what', ({ text, endedWell, counts }) => {
    expect(countFiles(readReport(text), endedWell)).toEqual(counts);
  });
});
