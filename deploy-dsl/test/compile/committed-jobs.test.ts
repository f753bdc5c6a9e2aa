import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What staging and production run is in git, so that a review of services.yml shows what changes. */
const root = join(import.meta.dirname, '../../..');

function filesOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** Compiles as the command does, in a process of its own. */
function compile(
  environment: string,
  out: string,
  env: NodeJS.ProcessEnv = {},
  cwd = root,
): Map<string, string> {
  const main = join(root, 'deploy-dsl/src/main.ts');
  const { status, stderr } = spawnSync(
    process.execPath,
    [main, 'compile', '--env', environment, '--out', out],
    { cwd, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  return filesOf(out);
}

describe.each(['staging', 'production'])('nomad-jobs/%s', (environment) => {
  test('is what services.yml compiles to', () => {
    using temporary = temporaryFolder();
    const wanted = compile(environment, temporary.path);
    const committed = filesOf(join(root, 'nomad-jobs', environment));
    const paths = [...new Set([...wanted.keys(), ...committed.keys()])].sort();
    const stale = paths.filter((path) => wanted.get(path) !== committed.get(path));
    expect(
      stale,
      `nomad-jobs/${environment} is stale: run ./tandem compile --env ${environment} --out nomad-jobs/${environment}`,
    ).toEqual([]);
  });

  test('is the same to the byte wherever, whenever and by whom it is compiled', () => {
    using here = temporaryFolder();
    using there = temporaryFolder();
    const one = compile(environment, here.path, { TZ: 'UTC', LC_ALL: 'C', USER: 'root' });
    const other = compile(
      environment,
      join(there.path, 'a folder/with a name'),
      {
        TZ: 'Pacific/Kiritimati',
        LC_ALL: 'tr_TR.UTF-8',
        LANG: 'tr_TR.UTF-8',
        USER: 'nobody',
        HOME: there.path,
      },
      there.path,
    );
    expect(other).toEqual(one);
  });
});
