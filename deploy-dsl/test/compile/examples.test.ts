import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, program } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { compile } from '../../src/compile/compile.ts';
import { environmentsOf, type Loaded, loadSource } from '../../src/language/load.ts';
import { jobWords } from '../../src/plan/job-words.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Real input: our own file and the examples. What Nomad, consul-template and nginx themselves say of what it compiles to. */

const root = join(import.meta.dirname, '../../..');
const files = ['services.yml', 'examples/one-service/services.yml', 'examples/company/services.yml'];
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const cases = files.flatMap((file) =>
  environmentsOf(textOf(file)).map((environment) => ({ file, environment })),
);

let agents: Agents;
beforeAll(async () => {
  agents = await startAgents({ nodes: [] });
}, 60_000);
afterAll(async () => agents?.stop(), 30_000);

/** @param driver instead of the environment's own, with a version where an image needs one */
function load(file: string, environment: string, driver: string | null = null): Loaded {
  const document = parseDocument(textOf(file));
  if (driver !== null) document.setIn(['environments', environment, 'driver'], driver);
  if (driver === 'docker' && !document.hasIn(['environments', environment, 'defaults', 'version'])) {
    document.setIn(['environments', environment, 'defaults', 'version'], '1.0.0');
  }
  return loadSource(document.toString(), { file, environment });
}

describe('the keys of the language', () => {
  test('are all in the example of a company, so that each is seen in use', () => {
    const schema = JSON.parse(textOf('deploy-dsl/schema.json'));
    const known = new Set<string>();
    const collect = (part: unknown) => {
      if (typeof part !== 'object' || part === null) return;
      for (const [key, value] of Object.entries(part)) {
        if (key === 'properties') for (const name of Object.keys(value)) known.add(name);
        collect(value);
      }
    };
    collect(schema);
    const used = new Set<string>();
    const use = (part: unknown) => {
      if (typeof part !== 'object' || part === null) return;
      for (const [key, value] of Object.entries(part)) {
        used.add(key);
        use(value);
      }
    };
    use(parseDocument(textOf('examples/company/services.yml'), { merge: true }).toJS());
    expect([...known].filter((key) => !used.has(key))).toEqual([]);
  });
});

describe.each(cases)('$file in $environment', ({ file, environment }) => {
  test.runIf(file.startsWith('examples/'))('has neither errors nor warnings', () => {
    expect(load(file, environment).warnings.map(({ title }) => title)).toEqual([]);
  });

  test.each(['raw_exec', 'docker'])('Nomad takes every job (%s)', async (driver) => {
    const { clouds } = compile(load(file, environment, driver).model, new Map());
    const verdicts = clouds.flatMap(({ jobs }) =>
      jobs.map(async ({ spec }) => {
        // Validated by the servers of its region, and these are the only ones here.
        const verdict = await agents.nomad.jobs.validate({ ...spec, Region: agents.cloud });
        return { job: spec.ID, error: verdict.Error, warnings: verdict.Warnings };
      }),
    );
    for (const verdict of await Promise.all(verdicts)) {
      expect(verdict).toEqual({ job: verdict.job, error: '', warnings: '' });
    }
  });

  test('what Nomad keeps of a job is what was sent: planned again, nothing differs', async () => {
    for (const { spec } of compile(load(file, environment).model, new Map()).clouds.flatMap(
      ({ jobs }) => jobs,
    )) {
      const job = { ...spec, Region: agents.cloud };
      await agents.nomad.jobs.register(job);
      const { Diff } = await agents.nomad.jobs.plan(job);
      expect({ job: job.ID, words: Diff === null ? [] : jobWords(Diff, job.ID) }).toEqual({
        job: job.ID,
        words: [],
      });
    }
  });
});

describe('the edge of the company', () => {
  /** An instance in Consul that needs no program behind it. */
  async function register(service: string, port: number, tag: string): Promise<void> {
    const answer = await fetch(`${agents.consul.address}/v1/agent/service/register`, {
      method: 'PUT',
      body: JSON.stringify({ ID: `${service}-${port}`, Name: service, Tags: [tag], Port: port }),
    });
    expect(answer.status).toBe(200);
  }

  test.each(['local', 'staging', 'production'])(
    'is rendered, and nginx takes it (%s)',
    async (environment) => {
      const { model } = load('examples/company/services.yml', environment);
      const [port = 0] = await freePorts(1);
      model.edge.port = port;
      const routed = Object.values(model.services).filter(({ routes }) => routes.length > 0);
      for (const [index, { name }] of routed.entries()) {
        await register(name, 20_000 + index, 'stable');
        await register(name, 21_000 + index, 'canary');
      }
      using folder = temporaryFolder();
      for (const { name, edgeTemplate } of compile(model, new Map()).clouds) {
        const template = join(folder.path, `${name}.ctmpl`);
        const conf = join(folder.path, `${name}.conf`);
        await writeFile(template, edgeTemplate);
        const consul = ['-consul-addr', new URL(agents.consul.address).host];
        execFileSync(program('consul-template'), [...consul, '-once', '-template', `${template}:${conf}`]);
        const rendered = readFileSync(conf, 'utf8');
        // What nginx.sh makes and writes by the machine.
        await mkdir(join(folder.path, 'temp'), { recursive: true });
        for (const [, included = ''] of rendered.matchAll(/^\s*include ([\w-]+\.conf);$/gm)) {
          await writeFile(join(folder.path, included), '');
        }
        const test = ['-t', '-q', '-p', folder.path, '-c', conf, '-e', 'stderr'];
        // It opens its standard output by name, which works for a file and for no socket.
        execFileSync(program('nginx'), test, { stdio: ['ignore', 'ignore', 'pipe'] });
        for (const [index, { name: service, instances, update }] of routed.entries()) {
          const here = instances[name] !== undefined;
          expect(rendered.includes(`:${20_000 + index} `), `stable ${service} in ${name}`).toBe(here);
          const canary = here && update.canaryPercent !== null;
          expect(rendered.includes(`:${21_000 + index} `), `canary ${service} in ${name}`).toBe(canary);
        }
      }
    },
  );
});
