import { describe, expect, test } from 'vitest';
import { type Check, holds } from '../../src/checks/check.ts';
import { runChecks } from '../../src/checks/run-checks.ts';
import { summary } from '../../src/checks/summary.ts';
import { captureTerminal } from '../support/terminal.ts';

const check = (name: string, result: Awaited<ReturnType<Check['run']>>): Check => ({
  name,
  run: async () => result,
});

describe('a run of checks', () => {
  test('ends with what failed on standard error, and the line for scripts on standard output', async () => {
    const { terminal, stdout, stderr } = captureTerminal();
    const outcomes = await runChecks(
      [
        [check('lint', holds(true, 'not shown')), check('types', holds(false, 'x.ts(1,1): error\n'))],
        [check('unit tests', { passed: 41, failed: 2, skipped: 1, flaky: 0, output: 'two failures' })],
      ],
      terminal,
    );
    expect(summary(outcomes, terminal)).toBe(false);
    expect(stdout().split('\n').at(-2)).toBe('42 passed, 3 failed');
    expect(stdout()).toMatch(/^unit tests +41 +2 +1 /m);
    expect(stderr()).toContain('✗ unit tests: 41 passed, 2 failed, 1 skipped');
    expect(stderr()).toContain('\ntypes\nx.ts(1,1): error\n\nunit tests\ntwo failures\n');
    expect(stderr()).not.toContain('not shown');
  });

  test('the groups run one after another', async () => {
    const order: string[] = [];
    const noting = (name: string): Check => ({
      name,
      async run() {
        order.push(`${name} starts`);
        await Promise.resolve();
        order.push(`${name} ends`);
        return holds(true, '');
      },
    });
    await runChecks([[noting('a'), noting('b')], [noting('c')]], captureTerminal().terminal);
    expect(order.slice(0, 2)).toEqual(['a starts', 'b starts']);
    expect(order.slice(4)).toEqual(['c starts', 'c ends']);
  });

  test('all well is told by the line and the verdict', async () => {
    const { terminal, stdout, stderr } = captureTerminal();
    expect(summary(await runChecks([[check('lint', holds(true, ''))]], terminal), terminal)).toBe(true);
    expect(stdout().endsWith('\n\n1 passed, 0 failed\n')).toBe(true);
    expect(stderr()).toMatch(/^✓ lint \(\d+ ms\)\n$/);
  });
});
