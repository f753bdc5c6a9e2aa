import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../../src/compile/compile.ts';
import { loadSource } from '../../src/language/load.ts';
import { snapshotBuilds } from '../../src/local/builds.ts';
import { startAgents } from '../support/agents.ts';
import { repository } from '../support/repository.ts';
import { until } from '../support/until.ts';

/** Words that Nomad, the shell that makes the folder of a volume, or YAML could take for something else. */
const words = [
  '${HOME}',
  '$${HOME}',
  '${',
  '%{if x}',
  '%%{x}',
  '100%',
  '$HOME $(id) `id`',
  "it's",
  'two words',
  '',
  '\\n "quoted"',
  '{{ env "PATH" }}',
  '${NOMAD_SECRETS_DIR}',
  '${node.class}',
];
/** In the environment, where Nomad has no escape. */
const variables = Object.fromEntries(
  [...words, '${NOMAD_META_tandem_dollar}', '${OTHER}'].map((word, i) => [`WORD_${i}`, word]),
);
const print = `
  const variables = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('WORD_')));
  console.log(JSON.stringify({ words: process.argv.slice(1), variables }));
  setInterval(() => {}, 60_000)`;

test('every word of a command, and every variable, reaches the program as it is written', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tandem-words-'));
  const builds = join(root, '.tandem/builds');
  const data = join(root, 'data');
  const agents = await startAgents({
    nodes: [{ meta: { tandem_root: repository, tandem_builds: builds, tandem_data: data } }],
  });
  try {
    const service = {
      command: ['node', '-e', print, '--', ...words],
      directory: 'echo',
      instances: 1,
      env: { OTHER: 'x', ...variables },
    };
    const services = { plain: service, stored: { ...service, volumes: { data: '/data' } } };
    const { model } = loadSource(JSON.stringify({ tandem: 1, services }), {
      file: 'services.yml',
      environment: 'local',
    });
    const [cloud] = compile(model, await snapshotBuilds(root, import.meta.dirname, model)).clouds;
    for (const id of Object.keys(services)) {
      const spec = cloud?.jobs.find((job) => job.spec.ID === id)?.spec;
      if (spec === undefined) throw new Error(`no job ${id}`);
      await agents.nomad.jobs.register(spec);
      const heard = await until(`${id} says its words`, async () => {
        const [instance] = await agents.nomad.jobs.allocations(id);
        if (instance?.ClientStatus !== 'running') return null;
        const said = await agents.nomad.allocations.cat(instance.ID, `alloc/logs/${id}.stdout.0`);
        return said?.endsWith('\n') ? said : null;
      });
      expect(JSON.parse(heard)).toEqual({ words, variables });
    }
  } finally {
    await agents.stop();
    await rm(root, { recursive: true, force: true });
  }
}, 60_000);
