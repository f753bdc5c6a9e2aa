import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complete } from '../../src/cli/complete.ts';
import type { Command } from '../../src/commands/command.ts';
import type { CommandEntry } from '../../src/commands/index.ts';
import { environmentOptions, jsonOption } from '../../src/commands/options.ts';
import { testContext } from '../support/context.ts';

const logs: Command = {
  args: [
    { name: '<service>', description: 'whose logs' },
    { name: '[level...]', description: 'which', choices: ['info', 'error'] },
  ],
  options: [...environmentOptions, jsonOption, { flags: '--since <time>', description: 'from when on' }],
  examples: [],
  run: async () => 0,
};
const registry: Record<string, CommandEntry> = {
  logs: { group: 'services', summary: 'show logs', load: async () => logs },
  lint: { group: 'project', summary: 'check', load: async () => ({ ...logs, args: [], options: [] }) },
};

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-complete-'));
  await writeFile(
    join(root, 'services.yml'),
    'services:\n  rooms: { x: [ }\n  roster:\n  auth:\nenvironments:\n  local:\n  staging:\n',
  );
  await writeFile(join(root, 'other.yml'), 'services: { other: {} }\n');
  await writeFile(join(root, 'no.yml'), '\t\0 not yaml: [');
});
afterAll(() => rm(root, { recursive: true }));

const completed = (...words: string[]) => complete(words, testContext({ root, cwd: root }).context, registry);

describe('completion', () => {
  test.each<[string, string[], string[]]>([
    ['commands, with what they do', [''], ['logs\tshow logs', 'lint\tcheck']],
    ['commands by their beginning', ['lo'], ['logs\tshow logs']],
    ['the topic of help', ['help', 'li'], ['lint\tcheck']],
    ['services of a file that is broken just now', ['logs', ''], ['rooms', 'roster', 'auth']],
    ['services by their beginning', ['logs', 'ro'], ['rooms', 'roster']],
    ['services of another file', ['logs', '--file', 'other.yml', ''], ['other']],
    ['choices of a later argument', ['logs', 'rooms', ''], ['info', 'error']],
    ['a repeated argument', ['logs', '--json', 'rooms', 'info', 'e'], ['error']],
    ['environments', ['logs', '--env', ''], ['local', 'staging']],
    ['environments after the short flag', ['logs', 'rooms', '-e', 's'], ['staging']],
    ['paths', ['logs', '--file', 'o'], [':files']],
    ['flags', ['logs', '--j'], ['--json\tprint data as JSON']],
    ['nothing for a value that nobody knows', ['logs', '--since', ''], []],
    ['nothing after the last argument', ['lint', ''], []],
    ['nothing for an unknown command', ['constructor', ''], []],
    ['nothing from a file that is no YAML', ['logs', '--file', 'no.yml', ''], []],
    ['nothing from a file that is not there', ['logs', '--file', 'gone.yml', ''], []],
  ])('offers %s', async (_, words, expected) => {
    expect(await completed(...words)).toEqual(expected);
  });
});
