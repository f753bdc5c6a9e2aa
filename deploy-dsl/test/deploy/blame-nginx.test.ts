import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { edgeTemplateDigest } from '../../src/compile/edge/template.ts';
import { awaitEdges } from '../../src/deploy/edge.ts';
import { explain } from '../../src/deploy/explain.ts';
import { loadSource } from '../../src/language/load.ts';
import { type EdgeStack, startEdgeStack } from '../compile/edge-stack.ts';
import { until } from '../support/until.ts';
import { reported } from './stage.ts';

/** What a real nginx refuses, pointed at the line of the file that it was compiled from. */

const yaml = `tandem: 1
edge: { limit: 1000/s per address }
services:
  echo:
    directory: echo
    routes:
      - /echo
      - { path: /upload, body: 10MB }
    update: { canary: 20% }
`;

let stack: EdgeStack;
beforeAll(async () => {
  stack = await startEdgeStack(resolve(import.meta.dirname, '../compile'));
  await stack.deploy(yaml, ['edge', 'echo']);
  await until('the instance is in the configuration', async () => (await fetch(`${stack.edge}/echo`)).ok);
});
afterAll(() => stack?.stop());

/** The line that is blamed, with what is said of it, when the compiler would write this into the configuration. */
async function refusal(marker: RegExp, written: string) {
  const { edgeTemplate } = await stack.compiled(yaml);
  const digest = edgeTemplateDigest(edgeTemplate) ?? '';
  const other = Buffer.from(String(Math.random())).toString('hex').slice(0, 16);
  const broken = edgeTemplate.replace(marker, `$&${written}\n`).replaceAll(digest, other);
  if (!broken.includes(written)) throw new Error('the template has no such place');
  await stack.publish(broken);
  const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });
  const step = reported(() => undefined).step('routes');
  const cloud = { name: 'local', nomad: stack.nomad, consul: stack.consul };
  const { signal } = new AbortController();
  const error: unknown = await awaitEdges(cloud, broken, { step, signal, pollMs: 50 }).catch((e) => e);
  const [said] = await explain(error, model, origins);
  if (said === undefined) throw new Error('it was not refused');
  const line = said.range === null ? null : yaml.split('\n')[said.range.start.line - 1];
  const text = line?.slice((said.range?.start.column ?? 0) - 1, (said.range?.end.column ?? 0) - 1);
  return { said, place: said.range === null ? null : `${said.range.start.line}: ${text}` };
}

test('a directive of a route: its line, with what nginx says and the line of the configuration', async () => {
  const { said, place } = await refusal(
    /# origin: services\.echo\.routes\.1\n.*\n/,
    '      client_max_body_size lots;',
  );
  expect(place).toBe('8: { path: /upload, body: 10MB }');
  expect(said).toMatchObject({
    code: 'TDM-322',
    title: 'nginx in local refused the new routes; the old ones still serve',
    caption: '"client_max_body_size" directive invalid value',
  });
  expect(said.evidence[0]).toMatch(/^line \d+ of the configuration: client_max_body_size lots;$/);
});

test('an upstream: the service', async () => {
  const { said, place } = await refusal(/upstream echo_stable \{\n/, '    sevrer 127.0.0.1:1;');
  expect(place).toBe('4: echo');
  expect(said.caption).toBe('unknown directive "sevrer"');
});

test('what belongs to no line: the edge, and the configuration is quoted', async () => {
  const { said, place } = await refusal(/http \{\n/, '  keepalive_timeout soon;');
  expect(place).toBe('2: { limit: 1000/s per address }');
  expect(said.caption).toBe('"keepalive_timeout" directive invalid value');
  expect(said.evidence.join()).toContain('keepalive_timeout soon;');
});

test('what consul-template cannot read', async () => {
  const { said } = await refusal(/http \{\n/, '{{ range }');
  expect(said.code).toBe('TDM-322');
  expect(said.caption).toMatch(/template/);
});
