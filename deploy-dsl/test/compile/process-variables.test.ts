import { expect, test } from 'vitest';
import { compile } from '../../src/compile/compile.ts';
import { loadSource } from '../../src/language/load.ts';

const file = `tandem: 1
clouds: { aws: { region: eu-west-1 } }
services:
  small: { version: 1.0.0, memory: { soft: 128, hard: 160 } }
  tuned: { version: 1.0.0, env: { NODE_OPTIONS: --max-old-space-size=20, MALLOC_ARENA_MAX: "1" } }
environments:
  local: { clouds: [local], driver: raw_exec }
  production: { clouds: [aws], domain: tandem.example, registry: registry.tandem.example }
  hidden: { clouds: [aws], registry: registry.tandem.example }
`;

test('a plain process, which sees all memory of the machine, gets a heap that fits its limit', () => {
  expect(variablesOf('small', 'local')).toMatchObject({
    NODE_OPTIONS:
      '--max-semi-space-size=2 --max-old-space-size=80 --require="${meta.tandem_root}/deploy-dsl/src/packed/preload.ts"',
    NODE_COMPILE_CACHE: `\${meta.tandem_data}/.node-compile-cache`,
  });
});

test('in a container Node knows its limit, and the image has its compiled code', () => {
  const variables = variablesOf('small', 'production');
  expect(variables).toMatchObject({ NODE_OPTIONS: '--max-semi-space-size=2' });
  expect(variables).not.toHaveProperty('NODE_COMPILE_CACHE');
});

test('the file has the last word', () => {
  expect(variablesOf('tuned', 'local')).toMatchObject({
    NODE_OPTIONS: '--max-old-space-size=20',
    MALLOC_ARENA_MAX: '1',
  });
});

test('a service knows at which address people reach the edge', () => {
  expect(variablesOf('small', 'local')).toMatchObject({ PUBLIC_URL: 'http://127.0.0.1:8080' });
  expect(variablesOf('small', 'local', 3000)).toMatchObject({ PUBLIC_URL: 'http://127.0.0.1:11080' });
  expect(variablesOf('small', 'production')).toMatchObject({ PUBLIC_URL: 'https://tandem.example' });
  expect(variablesOf('small', 'hidden')).not.toHaveProperty('PUBLIC_URL');
});

function variablesOf(
  service: string,
  environment: string,
  portOffset = 0,
): Record<string, string> | undefined {
  const { model } = loadSource(file, { file: 'services.yml', environment });
  const jobs = compile(model, new Map(), { portOffset }).clouds.flatMap((cloud) => cloud.jobs);
  return jobs.find(({ spec }) => spec.ID === service)?.spec.TaskGroups[0]?.Tasks[0]?.Env;
}
