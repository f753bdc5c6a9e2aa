import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../../src/cli/parse.ts';
import { cliReference } from '../../src/cli/reference.ts';
import { commands } from '../../src/commands/index.ts';

describe.each(Object.entries(commands))('%s', (name, entry) => {
  test('loads, and has a summary that fits a line and examples that parse', async () => {
    const command = await entry.load();
    expect(entry.summary.length).toBeLessThanOrEqual(72);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { line } of command.examples) {
      const call = /(?:\.\/)?tandem (.*?)(?:\)|$| [|<>])/.exec(line)?.[1] ?? '';
      const words =
        call.match(/'[^']*'|"[^"]*"|[^\s]+/g)?.map((word) => word.replaceAll(/^['"]|['"]$/g, '')) ?? [];
      if (words[0] === name) {
        expect(() => parse(name, command, words.slice(1))).not.toThrow();
      }
    }
  });

  test('means the same by the flags that all commands share', async () => {
    const { options } = await entry.load();
    const flags = options.map((option) => option.flags);
    for (const [long, shared] of [
      ['--env', '-e, --env <name>'],
      ['--file', '--file <path>'],
      ['--json', '--json'],
    ] as const) {
      expect(flags.filter((flag) => new RegExp(`${long}( |$)`).test(flag) && flag !== shared)).toEqual([]);
    }
  });
});

test('docs/cli.md is what the commands say (refresh: ./tandem schema --write)', async () => {
  const file = resolve(import.meta.dirname, '../../../docs/cli.md');
  expect(await readFile(file, 'utf8')).toBe(await cliReference(commands));
});
