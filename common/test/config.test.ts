import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError, loadConfig, SecretText, StrictObject, Type } from '../src/index.ts';

const schema = StrictObject({
  port: Type.Integer({ default: 3000 }),
  enabled: Type.Boolean({ default: false }),
  maxItems: Type.Optional(Type.Integer({ minimum: 1 })),
  signingKey: Type.Optional(SecretText({ minLength: 3 })),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('variables become numbers and booleans where the schema says so; what is not set gets its default', () => {
  const config = loadConfig(schema, { PORT: '8080', MAX_ITEMS: '5', OTHER: 'x' });
  expect(config).toEqual({ port: 8080, enabled: false, maxItems: 5 });
  expect(loadConfig(schema, { ENABLED: 'true', PORT: '' })).toEqual({ port: 3000, enabled: true });
});

test('everything that is wrong is said at once, by variable and without the value', () => {
  const problems = problemsOf({ PORT: '80a', ENABLED: 'yes', MAX_ITEMS: '0', SIGNING_KEY: 'zz' });
  expect(problems).toEqual([
    'PORT must be integer',
    'ENABLED must be boolean',
    'MAX_ITEMS must be >= 1',
    'SIGNING_KEY must NOT have fewer than 3 characters',
  ]);
  expect(problems.join()).not.toContain('80a');
});

test('a secret comes from a file, without the newline an editor puts at its end', async () => {
  const file = join(folder, 'key');
  await writeFile(file, 'line 1\nline 2\n');
  expect(loadConfig(schema, { SIGNING_KEY_FILE: file }).signingKey?.reveal()).toBe('line 1\nline 2');
});

test('a secret shows in no output', () => {
  const config = loadConfig(schema, { SIGNING_KEY: 'hunter2' });
  const shown = [
    JSON.stringify(config),
    inspect(config, { depth: 9 }),
    `${config.signingKey}`,
    String(config.signingKey),
  ];
  expect(shown.join()).not.toContain('hunter2');
});

test('a file that cannot be read, and a value given twice, are named', () => {
  expect(problemsOf({ SIGNING_KEY_FILE: join(folder, 'missing') })).toEqual([
    'SIGNING_KEY cannot be read from the file in SIGNING_KEY_FILE (ENOENT)',
  ]);
  expect(problemsOf({ SIGNING_KEY: 'abc', SIGNING_KEY_FILE: 'x' })).toEqual([
    'SIGNING_KEY is given twice: by itself and by SIGNING_KEY_FILE',
  ]);
});
