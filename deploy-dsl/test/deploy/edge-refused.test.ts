import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploy } from '../../src/deploy/deploy.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { type EdgeStack, startEdgeStack } from '../compile/edge-stack.ts';
import { until } from '../support/until.ts';
import { reported } from './stage.ts';

/** The scenarios build on each other: the first release of an environment, whose edge has no configuration to fall back to. */

const yaml = `tandem: 1
defaults: { health: { interval: 1s }, update: { healthy: 1s, drain: 2s } }
services:
  echo:
    directory: ../compile/echo
    routes:
      - path: /echo
`;

let stack: EdgeStack;
const events: string[] = [];

beforeAll(async () => {
  stack = await startEdgeStack(import.meta.dirname);
}, 90_000);

afterAll(async () => stack.stop(), 60_000);

/** @param mangle what becomes of the edge's template on the way */
async function deployed(mangle: (template: string) => string) {
  const { origins, ...wanted } = await stack.wanted(yaml);
  const { nomad, consul } = stack;
  return deploy({
    wanted: {
      ...wanted,
      compiled: {
        ...wanted.compiled,
        // RabbitMQ has tests of its own.
        topology: { exchanges: [], queues: [], bindings: [] },
        clouds: wanted.compiled.clouds.map((cloud) => ({
          ...cloud,
          edgeTemplate: mangle(cloud.edgeTemplate),
          jobs: cloud.jobs.filter(({ spec }) => spec.ID !== 'rabbitmq'),
        })),
      },
    },
    origins,
    target: { environment: 'local', clouds: [{ name: 'local', nomad, consul }], rabbitmq: null },
    root: stack.root,
    who: 'tester@here',
    rollbackTo: null,
    forceUnlock: false,
    progress: reported((event) => events.push(event)),
    signal: new AbortController().signal,
    approve: async () => true,
  });
}

/** A directive that nginx refuses, in the first block that the route of the file led to. */
const broken = (template: string) =>
  template
    .replace(
      /(# origin: services\.echo\.routes\.0\n\s*location [^{]*\{\n)/,
      '$1      proxy_read_timeout soon;\n',
    )
    .replace(/^# template: .*$/m, '# template: refused00001');

test("the first template that nginx refuses ends the deploy with nginx' words, at the line of the route", async () => {
  const failure = await deployed(broken).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TandemError);
  const diagnostics = failure instanceof TandemError ? failure.diagnostics : [];
  expect(diagnostics[0]).toMatchObject({
    code: 'TDM-322',
    title: 'nginx in local refused the routes; it has none yet to serve instead',
    file: 'services.yml',
    range: { start: { line: 7 } },
    caption: expect.stringContaining('"proxy_read_timeout" directive invalid value'),
    evidence: [expect.stringContaining('proxy_read_timeout soon;')],
  });
  expect(events).not.toContainEqual(expect.stringContaining('edge: healthy'));
}, 120_000);

test('the next one, mended, brings the edge up although it never served', async () => {
  const { kind } = await deployed((template) => template);
  expect(kind).toBe('done');
  const answer = await until('the route is served', async () => {
    const response = await fetch(`${stack.edge}/echo`);
    return response.ok && response;
  });
  expect(answer.status).toBe(200);
}, 120_000);
