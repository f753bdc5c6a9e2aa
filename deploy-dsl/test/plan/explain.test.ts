import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const yaml = `tandem: 1
clouds: { aws: {} }
defaults: { cpu: 250, memory: 200 }
services:
  web:
    routes: [/]
    memory: { hard: 400 }
    env: { LEVEL: info, API_KEY: hunter2 }
  jobs:
environments:
  production:
    registry: registry.example
    defaults: { version: 1.0.0, cpu: 500 }
    services: { web: { version: 1.1.0, update: { drain: 1m } } }
`;

async function explained(
  ...words: string[]
): Promise<{ code: number; text: string; lines: string[]; errors: string }> {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'shop.yml'), yaml);
  const { context, stdout, stderr } = testContext({ cwd: folder.path });
  const code = await run(['plan', '--file', 'shop.yml', ...words], context);
  const text = stdout();
  return {
    code,
    text,
    lines: text.split('\n').map((line) => line.replace(/ {2,}/g, ' | ')),
    errors: stderr(),
  };
}

test('every value says where it comes from, the strongest layer wins', async () => {
  const { code, lines } = await explained('--explain', 'web', '--env', 'production');
  expect(code).toBe(0);
  expect(lines[0]).toBe('web in production');
  for (const line of [
    'version | 1.1.0 | environments.production.services.web (shop.yml:14)',
    'cpu | 500 | environments.production.defaults (shop.yml:13)',
    'memory.hard | 400 | services.web (shop.yml:7)',
    'update.drain | 1m | environments.production.services.web (shop.yml:14)',
    'update.healthy | 5s | built in',
    'env.LEVEL | info | services.web (shop.yml:8)',
    // Not where it belongs, and not repeated.
    'env.API_KEY | (hidden) | services.web (shop.yml:8)',
  ]) {
    expect(lines).toContain(line);
  }
});

test('all services, where none is named; the values of this machine, where no environment is', async () => {
  const { code, lines } = await explained('--explain');
  expect(code).toBe(0);
  expect(lines.filter((line) => line.endsWith(' in local'))).toEqual(['web in local', 'jobs in local']);
  expect(lines).toContain('cpu | 250 | defaults (shop.yml:3)');
});

test('as data', async () => {
  const { text } = await explained('--explain', 'jobs', '--json');
  const { environment, services } = JSON.parse(text);
  expect(environment).toBe('local');
  expect(services).toHaveLength(1);
  expect(services[0].values).toContainEqual({ key: 'redis', value: 'false', layer: 'built in', range: null });
});

test('a service that is not there is bad input', async () => {
  const { code, errors } = await explained('--explain', 'wep');
  expect(code).toBe(2);
  expect(errors).toContain('did you mean "web"?');
});
