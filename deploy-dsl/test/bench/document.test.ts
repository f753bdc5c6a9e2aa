import { describe, expect, test } from 'vitest';
import { type BenchResult, figure } from '../../src/bench/bench.ts';
import { withResult } from '../../src/bench/document.ts';
import { median, percentile } from '../../src/bench/statistics.ts';

const result = (name: string, date: string, value: number): BenchResult => ({
  name,
  date,
  machine: '2 cores of Example',
  figures: [figure('cold start', value, 'ms', { below: 150 }), figure('size', 1240, '')],
  notes: [],
});

describe('docs/benchmarks.md', () => {
  test('a first result opens the document', () => {
    expect(withResult('', result('cli', '2026-11-21', 38.21))).toMatch(
      /^# Benchmarks\n[\s\S]+\n\n## cli\n\n2026-11-21, 2 cores of Example\n\n\| what \| measured \| target \| met \|\n\| --- \| ---: \| ---: \| --- \|\n\| cold start \| 38.2 ms \| < 150 ms \| yes \|\n\| size \| 1,240 \| {2}\| {2}\|\n$/,
    );
  });

  test('a later one replaces the section of its name and leaves the others, whoever wrote them', () => {
    let document = withResult('', result('cli', '2026-11-21', 38));
    document = `${document}\n## deploy\n\nWritten by hand.\n\n### detail\n`;
    document = withResult(document, result('client', '2026-11-21', 1));
    document = withResult(document, result('cli', '2026-11-22', 160));
    expect(document.match(/^##.*$/gm)).toEqual(['## cli', '## deploy', '### detail', '## client']);
    expect(document).toContain('2026-11-22');
    expect(document).toContain('| cold start | 160 ms | < 150 ms | **no** |');
    expect(document).toContain('Written by hand.');
    expect(document).not.toContain('| cold start | 38 ms');
  });

  test('writing the same twice changes nothing', () => {
    const once = withResult('', result('cli', '2026-11-21', 38));
    expect(withResult(once, result('cli', '2026-11-21', 38))).toBe(once);
  });
});

describe('figures', () => {
  test.each([
    [{ below: 150 }, 149.9, '< 150 ms', true],
    [{ below: 150 }, 150, '< 150 ms', false],
    [{ atMost: 1.1 }, 1.1, '≤ 1.1 ms', true],
    [{ atLeast: 200 }, 199, '≥ 200 ms', false],
    [{ exactly: 0 }, 0, '= 0 ms', true],
    [null, 5, null, null],
  ])('%j against %d', (target, value, words, met) => {
    expect(figure('x', value, 'ms', target)).toMatchObject({ target: words, met });
  });

  test('a value that only rounds to its target does not meet it', () => {
    expect(figure('x', 150.0001, 'ms', { atMost: 150 })).toMatchObject({ value: 150, met: false });
  });
});

test('percentiles by nearest rank', () => {
  const samples = [5, 1, 4, 2, 3];
  expect([median(samples), percentile(samples, 0.99), percentile(samples, 0), median([])]).toEqual([
    3,
    5,
    1,
    Number.NaN,
  ]);
});
